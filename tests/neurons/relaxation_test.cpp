/// Decays as the laws of neurons ask for them.

#include <algorithm>
#include <cmath>
#include <limits>

#include "neurons/relaxation.hpp"
#include "tests/catch.hpp"

using namespace ranvier;

TEST_CASE("what is left of a decay and what has gone are right to 4 ulp") {
  constexpr double ulp = std::numeric_limits<double>::epsilon();
  double worst_left = 0.0, worst_gone = 0.0;
  // Densely through the series and across its end at ln 2, and out to where little is left.
  for (double x = 1e-300; x < 700.0; x = x < 1e-3 ? 1.7 * x : 1.0007 * x) {
    const auto over = decayed(x);
    const long double left = std::exp(-static_cast<long double>(x));
    const long double gone = -std::expm1(-static_cast<long double>(x));
    worst_left = std::max(worst_left, static_cast<double>(std::abs(over.left / left - 1.0L)));
    worst_gone = std::max(worst_gone, static_cast<double>(std::abs(over.gone / gone - 1.0L)));
  }
  CHECK(worst_left < 4.0 * ulp);
  CHECK(worst_gone < 4.0 * ulp);
}

TEST_CASE("nothing has gone of a decay over no time, everything in the end") {
  CHECK(decayed(0.0).left == 1.0);
  CHECK(decayed(0.0).gone == 0.0);
  CHECK(decayed(1e6).left == 0.0);
  CHECK(decayed(1e6).gone == 1.0);
}
