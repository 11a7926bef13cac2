#include "plasticity/rate_regularisation.hpp"

#include <cmath>
#include <vector>

#include "core/error.hpp"
#include "tests/catch.hpp"
#include "tests/core/gradient_check.hpp"

using namespace ranvier;

namespace {

constexpr std::size_t steps = 4, samples = 2, n = 3;

double penalty_of(const RateRegularisation& penalty, const std::vector<double>& spikes) {
  return add_rate_penalty<double>(penalty, steps, samples, spikes, 1.0, {});
}

/// Sample 0 fires in every step, sample 1 only with its last neuron.
std::vector<double> uneven_spikes() {
  std::vector<double> spikes(steps * samples * n);
  for (std::size_t t = 0; t < steps; ++t) {
    for (std::size_t i = 0; i < n; ++i) spikes[(t * samples + 0) * n + i] = 1.0;
    spikes[(t * samples + 1) * n + 2] = 1.0;
  }
  return spikes;
}

}  // namespace

TEST_CASE("rates inside the bounds cost nothing") {
  CHECK(penalty_of({.strength = 3.0, .lower = 0.3, .upper = 1.0}, uneven_spikes()) == 0.0);
}

TEST_CASE("a rate beyond a bound costs the square of its distance") {
  const auto spikes = uneven_spikes();  // population rates 1 and 1/3
  const auto equals = [](double x) { return Approx(x).epsilon(1e-14); };
  CHECK(penalty_of({.strength = 2.0, .lower = 0.5, .upper = 1.0}, spikes) == equals(2.0 / 36));
  CHECK(penalty_of({.strength = 2.0, .lower = 0.0, .upper = 0.6}, spikes) == equals(2.0 * 0.16));
  // Each neuron on its own: two silent ones of six, averaged over three neurons.
  CHECK(penalty_of({.strength = 2.0, .lower = 0.5, .upper = 1.0, .per_neuron = true}, spikes) ==
        equals(2.0 * 2 * 0.25 / 3));
}

TEST_CASE("the gradient of the rate penalty equals finite differences and is added") {
  for (const bool per_neuron : {false, true}) {
    const RateRegularisation penalty{
        .strength = 1.7, .lower = 0.4, .upper = 0.6, .per_neuron = per_neuron};
    std::vector<double> spikes(steps * samples * n);
    for (std::size_t i = 0; i < spikes.size(); ++i) {
      spikes[i] = 0.5 + 0.5 * std::sin(1.0 + double(i));
      if (i / n % samples == 1) spikes[i] *= 0.3;
    }
    std::vector<double> gradient(spikes.size(), 5.0);
    add_rate_penalty<double>(penalty, steps, samples, spikes, 0.5, gradient);
    for (double& g : gradient) g -= 5.0;
    CHECK(gradient_error(spikes, gradient, 1.0, [&] { return 0.5 * penalty_of(penalty, spikes); }) <
          gradient_tolerance);
  }
}

TEST_CASE("bounds in the wrong order are refused") {
  const RateRegularisation wrong{.strength = 1.0, .lower = 0.5, .upper = 0.2};
  CHECK_THROWS_WITH(wrong.validate("the hidden layers"),
                    "lower of the hidden layers is 0.5; expected at most upper, which is 0.2");
}
