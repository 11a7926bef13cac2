#include "plasticity/surrogate.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "core/error.hpp"
#include "tests/catch.hpp"
#include "tests/core/gradient_check.hpp"

using namespace ranvier;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

double slope_at(const std::string& name, double x, const ValueMap& values = {}) {
  std::vector<double> excess{x}, slope(1);
  surrogates().at(name).make<double>(values)->slopes(excess, slope);
  return slope[0];
}

}  // namespace

TEST_CASE("a spike is a step at threshold, whatever the surrogate") {
  const std::vector<double> excess{-1.0, -1e-300, 0.0, 2.0, -inf};
  for (const auto& [name, kind] : surrogates()) {
    std::vector<double> spikes(excess.size());
    kind.make<double>()->spikes(excess, spikes);
    CHECK(spikes == std::vector<double>{0, 0, 1, 1, 0});
  }
}

TEST_CASE("the slope of every surrogate is the derivative of its smooth threshold") {
  for (const auto& [name, kind] : surrogates()) {
    INFO(name);
    const auto surrogate = kind.make<double>({{"width", 0.4}, {"height", 0.8}});
    std::vector<double> x, slopes(41), spikes(41);
    for (int i = 0; i <= 40; ++i) x.push_back(0.03 + 0.09 * (i - 20));
    surrogate->slopes(x, slopes);
    const double error = gradient_error(x, slopes, 0.4, [&] {
      surrogate->smoothed(x, spikes);
      double sum = 0.0;
      for (const double s : spikes) sum += s;
      return sum;
    });
    CHECK(error < gradient_tolerance);
  }
}

TEST_CASE("surrogates take their published values") {
  // exp(-4) etc. are correctly rounded within a few units: 1e-14.
  const auto equals = [](double x) { return Approx(x).epsilon(1e-14); };
  CHECK(slope_at("fast_sigmoid", 0.5, {{"width", 0.1}}) == equals(1.0 / 36));
  CHECK(slope_at("arctan", -0.5, {{"width", 0.25}}) == equals(0.2));
  CHECK(slope_at("triangle", -0.25, {{"height", 0.3}}) == equals(0.225));
  CHECK(slope_at("triangle", 1.5) == 0.0);
  // 4 s(4x) (1 - s(4x)) with the logistic function s, to six digits.
  CHECK(slope_at("sigmoid", 0.0) == equals(1.0));
  CHECK(slope_at("sigmoid", 0.5) == Approx(0.419974).margin(5e-7));
  CHECK(slope_at("sigmoid", -1.0) == Approx(0.0706508).margin(5e-8));
}

TEST_CASE("every surrogate has its height at threshold and is even") {
  for (const auto& [name, kind] : surrogates()) {
    INFO(name);
    CHECK(slope_at(name, 0.0, {{"height", 0.3}}) == Approx(0.3).epsilon(1e-15));
    CHECK(slope_at(name, 0.07) == slope_at(name, -0.07));
  }
}

TEST_CASE("a withheld spike has neither size nor slope, in float and double") {
  for (const auto& [name, kind] : surrogates()) {
    INFO(name);
    CHECK(slope_at(name, -inf) == 0.0);
    const std::vector<float> excess(20, -std::numeric_limits<float>::infinity());
    std::vector<float> values(20, 1.0f);
    const auto surrogate = kind.make<float>();
    surrogate->slopes(excess, values);
    CHECK(values == std::vector<float>(20, 0.0f));
    surrogate->smoothed(excess, values);
    CHECK(values == std::vector<float>(20, 0.0f));
  }
}

TEST_CASE("a surrogate refuses a width that is not positive and a parameter it has not") {
  CHECK_THROWS_AS(surrogates().at("arctan").make<float>({{"width", 0.0}}), InvalidValue);
  CHECK_THROWS_WITH(surrogates().at("arctan").make<float>({{"widht", 1.0}}),
                    Catch::Contains("arctan surrogate") && Catch::Contains("'width'"));
  CHECK_THROWS_AS(surrogates().at("archtan"), UnknownName);
}
