#include <cmath>

#include "core/dual.hpp"
#include "tests/catch.hpp"

using namespace ranvier;

namespace {

using D = Dual<double, 2>;

const D x = D::variable(0.7, 0);
const D y = D::variable(-1.3, 1);

void check(const D& f, double value, double along_x, double along_y) {
  // A handful of correctly rounded operations each: 1e-14 is some fifty of them.
  CHECK(f.value == Approx(value).epsilon(1e-14));
  CHECK(f.slope[0] == Approx(along_x).epsilon(1e-14));
  CHECK(f.slope[1] == Approx(along_y).epsilon(1e-14));
}

}  // namespace

TEST_CASE("dual numbers obey the rules of sum, product and quotient") {
  check(x + y, -0.6, 1.0, 1.0);
  check(x - y, 2.0, 1.0, -1.0);
  check(-x, -0.7, -1.0, 0.0);
  check(x * y, -0.91, -1.3, 0.7);
  check(x / y, 0.7 / -1.3, 1.0 / -1.3, -0.7 / (1.3 * 1.3));
  check(x * x * x, 0.343, 3 * 0.49, 0.0);
  check(x / x, 1.0, 0.0, 0.0);
}

TEST_CASE("a constant beside a dual number has no derivative") {
  check(2.0 * x + 3.0, 4.4, 2.0, 0.0);
  check(3.0 - y * 4.0, 8.2, 0.0, -4.0);
  check(y - 1.0, -2.3, 0.0, 1.0);
  check(D(5.0), 5.0, 0.0, 0.0);
}

TEST_CASE("dual numbers obey the chain rule for exp, sqrt and abs") {
  using std::exp, std::sqrt;
  check(exp(x * y), exp(-0.91), -1.3 * exp(-0.91), 0.7 * exp(-0.91));
  check(sqrt(x), sqrt(0.7), 0.5 / sqrt(0.7), 0.0);
  check(abs(y * x), 0.91, 1.3, -0.7);
  check(chained(x, std::sin(0.7), std::cos(0.7)), std::sin(0.7), std::cos(0.7), 0.0);
}

TEST_CASE("dual numbers are ordered by value alone") {
  CHECK(y < x);
  CHECK(x > y);
  CHECK(D::variable(1.0, 0) <= D(1.0));
  CHECK(D::variable(1.0, 0) >= D(1.0));
}
