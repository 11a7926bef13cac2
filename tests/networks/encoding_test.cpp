#include "networks/encoding.hpp"

#include <cmath>
#include <numeric>
#include <vector>

#include "core/error.hpp"
#include "tests/catch.hpp"

using namespace ranvier;

namespace {

constexpr std::size_t steps = 7;

Presentation shown(std::size_t window, std::span<const std::uint32_t> samples,
                   std::uint32_t epoch = 1, std::uint64_t seed = 3) {
  return {.steps = window, .step = 1.0, .seed = seed, .epoch = epoch, .samples = samples};
}

std::vector<double> encoded(const Encoding<double>& encoding, const std::vector<double>& values,
                            std::size_t window, bool smoothed = false, std::uint32_t epoch = 1,
                            std::uint64_t seed = 3) {
  const std::vector<std::uint32_t> samples{11};
  std::vector<double> activity((encoding.constant() ? 1 : window) * values.size());
  encoding.encode(values, shown(window, samples, epoch, seed), smoothed, activity);
  return activity;
}

/// Largest difference between `backward` and central differences of the smoothed encoding, for the
/// loss sum_i c_i activity_i with c_i = sin(i). Every encoding is piecewise linear in its values, so
/// the differences are exact up to rounding.
double gradient_error(const Encoding<double>& encoding, std::vector<double> values) {
  const auto loss = [&] {
    const auto activity = encoded(encoding, values, steps, true);
    double sum = 0.0;
    for (std::size_t i = 0; i < activity.size(); ++i) sum += std::sin(double(i)) * activity[i];
    return sum;
  };
  std::vector<double> grad_activity((encoding.constant() ? 1 : steps) * values.size());
  for (std::size_t i = 0; i < grad_activity.size(); ++i) grad_activity[i] = std::sin(double(i));
  std::vector<double> gradient(values.size());
  const std::vector<std::uint32_t> samples{11};
  encoding.backward(values, shown(steps, samples), grad_activity, gradient);
  double worst = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    constexpr double h = 1e-4;
    const double x = values[i];
    values[i] = x + h;
    const double above = loss();
    values[i] = x - h;
    const double below = loss();
    values[i] = x;
    worst = std::max(worst, std::abs((above - below) / (2 * h) - gradient[i]));
  }
  return worst;
}

}  // namespace

TEST_CASE("the current encoding drives every step with the value itself") {
  const auto encoding = encodings().at("current").make<double>({{"gain", 2.0}});
  REQUIRE(encoding->constant());
  REQUIRE(encoded(*encoding, {0.25, -1.0}, steps) == std::vector<double>{0.5, -2.0});
}

TEST_CASE("a Poisson input spikes with probability rate times step") {
  const auto encoding = encodings().at("poisson").make<double>({{"max_rate", 250.0}});
  const std::vector<double> values{0.0, 0.4, 1.0, 4.0, 100.0};
  const std::vector<double> p{0.0, 0.1, 0.25, 1.0, 1.0};
  constexpr std::size_t window = 40000;
  const auto spikes = encoded(*encoding, values, window);
  for (std::size_t i = 0; i < values.size(); ++i) {
    double count = 0.0;
    for (std::size_t t = 0; t < window; ++t) count += spikes[t * values.size() + i];
    // Five standard deviations of the binomial: one in two million draws of the seed lies beyond.
    const double deviation = std::sqrt(window * p[i] * (1.0 - p[i]));
    CAPTURE(values[i]);
    REQUIRE(std::abs(count - window * p[i]) <= 5.0 * deviation);
  }
}

TEST_CASE("Poisson spikes of one step say nothing about the next or about a neighbour") {
  const auto encoding = encodings().at("poisson").make<double>({});
  constexpr std::size_t window = 40000;
  const auto spikes = encoded(*encoding, {0.5, 0.5}, window);
  double in_time = 0.0, across = 0.0;
  for (std::size_t t = 0; t + 1 < window; ++t) {
    in_time += (spikes[2 * t] - 0.5) * (spikes[2 * t + 2] - 0.5);
    across += (spikes[2 * t] - 0.5) * (spikes[2 * t + 1] - 0.5);
  }
  // Each product is +-1/4 with equal probability: the sum's deviation is sqrt(window) / 4.
  REQUIRE(std::abs(in_time) < 5.0 * std::sqrt(window) / 4.0);
  REQUIRE(std::abs(across) < 5.0 * std::sqrt(window) / 4.0);
}

TEST_CASE("Poisson spikes depend on seed, epoch and sample but not on the rest of the batch") {
  const auto encoding = encodings().at("poisson").make<double>({});
  const std::vector<double> one(50, 0.5);
  const auto alone = encoded(*encoding, one, steps);
  REQUIRE(encoded(*encoding, one, steps) == alone);
  REQUIRE(encoded(*encoding, one, steps, false, 2) != alone);
  REQUIRE(encoded(*encoding, one, steps, false, 1, 4) != alone);

  std::vector<double> batch(3 * one.size(), 0.5), activity(steps * batch.size());
  const std::vector<std::uint32_t> samples{5, 11, 6};
  encoding->encode(batch, shown(steps, samples), false, activity);
  for (std::size_t t = 0; t < steps; ++t) {
    for (std::size_t j = 0; j < one.size(); ++j) {
      REQUIRE(activity[(t * 3 + 1) * one.size() + j] == alone[t * one.size() + j]);
    }
  }
  REQUIRE(std::vector<double>(activity.begin(), activity.begin() + 50) !=
          std::vector<double>(alone.begin(), alone.begin() + 50));
}

TEST_CASE("a latency input spikes once, at a step that falls linearly with the value") {
  const auto encoding = encodings().at("latency").make<double>({});
  const std::vector<double> values{1.0, 0.5, 1.0 / 6.0, 1e-9, 0.0, 7.0};
  const std::vector<std::size_t> first{0, 3, 5, 6, steps, 0};
  const auto spikes = encoded(*encoding, values, steps);
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t t = 0; t < steps; ++t) {
      CAPTURE(values[i], t);
      REQUIRE(spikes[t * values.size() + i] == (t == first[i] ? 1.0 : 0.0));
    }
  }
}

TEST_CASE("values up to silent_below never spike in the latency encoding") {
  const auto encoding = encodings().at("latency").make<double>({{"silent_below", 0.3}});
  const auto spikes = encoded(*encoding, {0.3, 0.31}, steps);
  double silent = 0.0, heard = 0.0;
  for (std::size_t t = 0; t < steps; ++t) {
    silent += spikes[2 * t];
    heard += spikes[2 * t + 1];
  }
  REQUIRE(silent == 0.0);
  REQUIRE(heard == 1.0);
}

TEST_CASE("encodings of values differentiate their smoothed form") {
  const std::vector<double> values{0.03, 0.21, 0.4, 0.57, 0.77, 0.93};  // away from k/6
  for (const auto& [name, kind] : encodings()) {
    CAPTURE(name);
    if (kind.make<double>({})->reads_events()) continue;
    // Differences over 2e-4 of sums near 10 in double: rounding of 10 x 2^-52 / 2e-4 ~ 1e-11.
    REQUIRE(gradient_error(*kind.make<double>({}), values) < 1e-10);
  }
}

TEST_CASE("inputs beyond the range of an encoding pass no gradient") {
  const std::vector<double> values{-0.5, 1.5};
  for (const std::string name : {"poisson", "latency"}) {
    CAPTURE(name);
    const auto encoding = encodings().at(name).make<double>({});
    std::vector<double> gradient(2, 1.0);
    const std::vector<std::uint32_t> samples{11};
    encoding->backward(values, shown(steps, samples), std::vector<double>(2 * steps, 1.0),
                       gradient);
    REQUIRE(gradient == std::vector<double>{0.0, 0.0});
  }
}

TEST_CASE("a misspelt encoding or parameter is answered with the nearest valid name") {
  REQUIRE_THROWS_WITH(encodings().at("poison"),
                      Catch::Matchers::Contains("did you mean 'poisson'"));
  REQUIRE_THROWS_AS(encodings().at("poison"), UnknownName);
  REQUIRE_THROWS_WITH(encodings().at("poisson").make<float>({{"max_rat", 1.0}}),
                      Catch::Matchers::Contains("max_rate"));
  REQUIRE_THROWS_AS(encodings().at("poisson").make<float>({{"max_rate", -1.0}}), InvalidValue);
}
