#include "plasticity/schedule.hpp"

#include <cmath>

#include "core/error.hpp"
#include "tests/catch.hpp"

using namespace ranvier;

TEST_CASE("a constant schedule stays at one") {
  const auto factor = schedules().at("constant").make({});
  for (const int update : {0, 1, 50, 99}) CHECK(factor(update, 100) == 1.0);
}

TEST_CASE("a cosine schedule passes through its known points") {
  const auto factor = schedules().at("cosine").make({{"final_factor", 0.2}});
  const auto equals = [](double x) { return Approx(x).epsilon(1e-14); };
  CHECK(factor(0, 120) == 1.0);
  CHECK(factor(20, 120) == equals(0.2 + 0.4 * (1 + std::sqrt(3.0) / 2)));
  CHECK(factor(40, 120) == equals(0.2 + 0.8 * 0.75));
  CHECK(factor(60, 120) == equals(0.6));
  CHECK(factor(80, 120) == equals(0.2 + 0.8 * 0.25));
  CHECK(factor(120, 120) == equals(0.2));
}

TEST_CASE("a warm-up rises linearly to one, and the schedule runs over the rest") {
  const auto factor = schedules().at("cosine").make({{"warm_up", 0.1}});
  for (int update = 0; update < 10; ++update) {
    CHECK(factor(update, 100) == Approx((update + 1) / 10.0).epsilon(1e-15));
  }
  CHECK(factor(10, 100) == 1.0);
  CHECK(factor(55, 100) == Approx(0.5).epsilon(1e-14));
  const auto all = schedules().at("constant").make({{"warm_up", 1.0}});
  CHECK(all(99, 100) == 1.0);
}

TEST_CASE("a schedule refuses a warm-up longer than the run") {
  CHECK_THROWS_AS(schedules().at("cosine").make({{"warm_up", 1.5}}), InvalidValue);
  CHECK_THROWS_AS(schedules().at("cosin"), UnknownName);
}
