/// Distributions against their moments and bounds. Bounds on moments are four standard errors.

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <numbers>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "networks/distribution.hpp"
#include "tests/catch.hpp"
#include "tests/temporary_folder.hpp"

using namespace ranvier;
using Catch::Matchers::Contains;
using test::TemporaryFolder;

namespace {

constexpr std::uint64_t n = 100000;

ValueSourcePtr distribution(const std::string& name, const ValueMap& parameters) {
  return distributions().at(name).make(parameters, "weight of projection 'E->I'");
}

std::vector<double> sample(const ValueSource& source) {
  const RandomStream stream(21, Purpose::weight, 4);
  std::vector<double> values;
  for (std::uint64_t k = 0; k < n; ++k) values.push_back(source.value(k, stream));
  return values;
}

/// Mean of f over the values, and its standard error.
struct Estimate {
  double mean, error;
};

Estimate estimate(const std::vector<double>& values, const std::function<double(double)>& f) {
  double sum = 0.0, squares = 0.0;
  for (const double x : values) {
    sum += f(x);
    squares += f(x) * f(x);
  }
  const double count = static_cast<double>(values.size());
  const double mean = sum / count;
  return {mean, std::sqrt(std::max(0.0, squares / count - mean * mean) / count)};
}

void check_moments(const std::vector<double>& values, double mean, double variance) {
  const auto first = estimate(values, [](double x) { return x; });
  CHECK(std::abs(first.mean - mean) < 4.0 * first.error);
  const auto second = estimate(values, [&](double x) { return (x - mean) * (x - mean); });
  CHECK(std::abs(second.mean - variance) < 4.0 * second.error);
}

double density(double z) { return std::exp(-0.5 * z * z) / std::sqrt(2.0 * std::numbers::pi); }
double cumulative(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

std::string refusal(const std::string& name, const ValueMap& parameters) {
  try {
    distribution(name, parameters);
  } catch (const InvalidValue& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("a uniform distribution has the moments of its interval and stays inside") {
  const auto values = sample(*distribution("uniform", {{"low", -3.0}, {"high", 5.0}}));
  check_moments(values, 1.0, 64.0 / 12.0);
  CHECK(*std::ranges::min_element(values) >= -3.0);
  CHECK(*std::ranges::max_element(values) <= 5.0);
}

TEST_CASE("a normal distribution has the mean and standard deviation asked for") {
  check_moments(sample(*distribution("normal", {{"mean", -70.0}, {"std", 2.5}})), -70.0, 6.25);
}

TEST_CASE("a lognormal distribution has the moments of an exponentiated normal") {
  const double mu = 0.3, sigma = 0.5, scale = GENERATE(1.0, -2.0);
  const auto values =
      sample(*distribution("lognormal", {{"mu", mu}, {"sigma", sigma}, {"scale", scale}}));
  const double mean = scale * std::exp(mu + 0.5 * sigma * sigma);
  check_moments(values, mean, mean * mean * std::expm1(sigma * sigma));
  CHECK(std::ranges::all_of(values, [&](double x) { return x * scale > 0.0; }));
}

TEST_CASE("a clipped normal piles up at the ends what would lie beyond them") {
  const double mean = 2.0, std = 1.5, low = 0.5, high = 2.5;
  const auto values = sample(*distribution(
      "normal_clipped", {{"mean", mean}, {"std", std}, {"low", low}, {"high", high}}));
  const double a = (low - mean) / std, b = (high - mean) / std;
  const double inside = cumulative(b) - cumulative(a);
  const double expected = low * cumulative(a) + high * (1.0 - cumulative(b)) + mean * inside +
                          std * (density(a) - density(b));
  const auto first = estimate(values, [](double x) { return x; });
  CHECK(std::abs(first.mean - expected) < 4.0 * first.error);
  const auto at_low = estimate(values, [&](double x) { return x == low ? 1.0 : 0.0; });
  CHECK(std::abs(at_low.mean - cumulative(a)) < 4.0 * at_low.error);
  const auto at_high = estimate(values, [&](double x) { return x == high ? 1.0 : 0.0; });
  CHECK(std::abs(at_high.mean - (1.0 - cumulative(b))) < 4.0 * at_high.error);
  CHECK(std::ranges::all_of(values, [&](double x) { return x >= low && x <= high; }));
}

TEST_CASE("a redrawn normal has the moments of a truncated normal") {
  const double mean = 2.0, std = 1.5, low = 0.5, high = 2.5;
  const auto values = sample(*distribution(
      "normal_redrawn", {{"mean", mean}, {"std", std}, {"low", low}, {"high", high}}));
  const double a = (low - mean) / std, b = (high - mean) / std;
  const double inside = cumulative(b) - cumulative(a);
  const double shift = (density(a) - density(b)) / inside;
  const double variance =
      std * std * (1.0 + (a * density(a) - b * density(b)) / inside - shift * shift);
  check_moments(values, mean + std * shift, variance);
  CHECK(std::ranges::all_of(values, [&](double x) { return x >= low && x <= high; }));
}

TEST_CASE("a redrawn normal may be bounded on one side") {
  const auto values =
      sample(*distribution("normal_redrawn", {{"mean", 0.0}, {"std", 1.0}, {"low", 0.0}}));
  // The half-normal distribution.
  check_moments(values, std::sqrt(2.0 / std::numbers::pi), 1.0 - 2.0 / std::numbers::pi);
}

TEST_CASE("a value is a function of its key and its stream alone") {
  const auto normal = distribution("normal", {{"mean", 0.0}, {"std", 1.0}});
  const RandomStream one(1, Purpose::weight, 0), other(1, Purpose::weight, 1);
  const std::uint64_t key = (std::uint64_t{5} << 32) + 17;
  CHECK(normal->value(key, one) == normal->value(key, one));
  CHECK(normal->value(key, one) != normal->value(key, other));
  CHECK(normal->value(key, one) != normal->value(key + 1, one));
  CHECK(normal->value(key, one) != normal->value(key + (std::uint64_t{1} << 32), one));
}

TEST_CASE("a block of values is the value of each of its keys") {
  const RandomStream stream(3, Purpose::delay, 2);
  for (const auto& source :
       {constant_value(2.5), distribution("uniform", {{"low", -1.0}, {"high", 2.0}}),
        distribution("normal", {{"mean", 1.5}, {"std", 0.75}}),
        distribution("normal_clipped", {{"mean", 1.0}, {"std", 1.0}, {"low", 0.1}, {"high", 2.0}}),
        distribution("normal_redrawn", {{"mean", 1.0}, {"std", 1.0}, {"low", 0.1}, {"high", 2.0}}),
        distribution("lognormal", {{"mu", -1.0}, {"sigma", 2.0}, {"scale", -3.0}}),
        listed_values(std::vector<double>(2000, 4.5))}) {
    for (const std::size_t count : {std::size_t{0}, std::size_t{5}, std::size_t{1024}}) {
      std::vector<std::uint64_t> keys(count);
      for (std::size_t k = 0; k < count; ++k) {
        keys[k] = source->size() ? k : (k % 7) << 32 | (k * k);
      }
      std::vector<double> values(count);
      source->values(keys, stream, values);
      for (std::size_t k = 0; k < count; ++k) REQUIRE(values[k] == source->value(keys[k], stream));
    }
  }
}

TEST_CASE("constants and lists say what they are") {
  const RandomStream stream(1, Purpose::weight);
  const auto constant = distribution("constant", {{"value", 2.5}});
  CHECK(constant->constant() == 2.5);
  CHECK(constant->value(99, stream) == 2.5);
  CHECK(constant_value(-1.0)->constant() == -1.0);
  CHECK_FALSE(distribution("uniform", {})->constant().has_value());

  const auto list = listed_values({3.0, 1.0});
  CHECK(list->size() == 2u);
  CHECK_FALSE(list->constant().has_value());
  CHECK(list->value(1, stream) == 1.0);
  CHECK_THROWS_WITH(list->value(2, stream), Contains("list of 2 values"));
}

TEST_CASE("a column of a CSV file gives the values of its lines") {
  const TemporaryFolder folder;
  const auto path = (folder / "synapses.csv").string();
  std::ofstream(path) << "source,target,weight\n0,1,2.5\n\n3,4,-1e2\n";
  const RandomStream stream(1, Purpose::weight);
  const auto weights = distribution("csv_column", {{"file", path}, {"column", "weight"}});
  CHECK(weights->size() == 2u);
  CHECK(weights->value(0, stream) == 2.5);
  CHECK(weights->value(1, stream) == -100.0);
  CHECK_THROWS_WITH(distribution("csv_column", {{"file", path}, {"column", "wieght"}}),
                    Contains("no column 'wieght'; did you mean 'weight'?"));
  std::ofstream(path) << "source,target,weight\n0,1,heavy\n";
  CHECK_THROWS_WITH(distribution("csv_column", {{"file", path}, {"column", "weight"}}),
                    Contains("synapses.csv:2: weight is 'heavy'; expected a number"));
  CHECK_THROWS_AS(distribution("csv_column", {{"file", path + "x"}, {"column", "weight"}}),
                  FileNotFound);
}

TEST_CASE("parameters that make no distribution are refused by name") {
  CHECK_THAT(refusal("uniform", {{"low", 2.0}, {"high", 1.0}}),
             Contains("projection 'E->I'") && Contains("low") && Contains("at most high"));
  CHECK_THAT(refusal("normal", {{"std", -1.0}}), Contains("std"));
  CHECK_THAT(refusal("normal_clipped", {{"low", 2.0}, {"high", 1.0}}), Contains("at most high"));
  CHECK_THAT(refusal("normal_redrawn", {{"low", 20.0}, {"high", 30.0}}), Contains("redraws"));
  CHECK_THROWS_AS(distribution("normal", {{"sd", 1.0}}), UnknownName);
  CHECK_THROWS_AS(distributions().at("gaussian"), UnknownName);
}
