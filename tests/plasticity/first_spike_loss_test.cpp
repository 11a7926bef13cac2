#include "plasticity/first_spike_loss.hpp"

#include <cmath>
#include <limits>

#include "tests/catch.hpp"

using namespace ranvier;

namespace {

constexpr double silent = 70.0;  // ms
constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr FirstSpikeLoss loss{.tau = 1.5, .alpha = 0.01, .tau_early = 8.0};

double value(const std::vector<double>& first, std::size_t label) {
  std::vector<double> slopes(first.size());
  return loss.evaluate(first, label, silent, slopes);
}

}  // namespace

TEST_CASE("the first-spike loss is the cross-entropy of times plus the pull towards early ones") {
  const std::vector<double> first{20.0, 21.0, 24.0};
  double sum = 0.0;
  for (const double t : first) sum += std::exp(-t / loss.tau);
  const double expected = -std::log(std::exp(-21.0 / loss.tau) / sum) +
                          loss.alpha * (std::exp(21.0 / loss.tau_early) - 1.0);
  CHECK(value(first, 1) == Approx(expected).epsilon(1e-13));
}

TEST_CASE("slopes of the first-spike loss are its differences") {
  const std::vector<double> first{20.0, 21.0, 24.0};
  for (std::size_t label = 0; label < first.size(); ++label) {
    std::vector<double> slopes(first.size());
    loss.evaluate(first, label, silent, slopes);
    for (std::size_t n = 0; n < first.size(); ++n) {
      constexpr double h = 1e-5;
      auto later = first, earlier = first;
      later[n] += h;
      earlier[n] -= h;
      const double difference = (value(later, label) - value(earlier, label)) / (2.0 * h);
      CHECK(slopes[n] == Approx(difference).epsilon(1e-8).margin(1e-9));
    }
  }
}

TEST_CASE("a silent neuron counts as late and feels nothing") {
  const std::vector<double> first{20.0, infinite, 24.0};
  std::vector<double> slopes(3);
  CHECK(loss.evaluate(first, 1, silent, slopes) == value({20.0, silent, 24.0}, 1));
  CHECK(slopes[1] == 0.0);
  CHECK(slopes[0] < 0.0);
  CHECK(std::isfinite(value({infinite, infinite, infinite}, 0)));
}

TEST_CASE("the first to spike answers, the lowest of several, none of the silent") {
  CHECK(first_to_spike(std::vector{3.0, 1.0, 2.0}) == 1);
  CHECK(first_to_spike(std::vector{infinite, 2.0, 2.0}) == 1);
  CHECK_FALSE(first_to_spike(std::vector{infinite, infinite}).has_value());
}
