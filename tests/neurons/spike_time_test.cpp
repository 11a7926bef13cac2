/// Spike times of the event runtime in continuous time.

#include <cmath>

#include "tests/catch.hpp"
#include "tests/neurons/current_based.hpp"

using namespace ranvier;
using namespace ranvier::testing;

TEST_CASE("under constant current the event runtime fires at the analytic times to 1e-9 ms") {
  auto c = GENERATE(delta_case(), exponential_case(), alpha_case());
  c.reference.I_e = GENERATE(500.0L, 1234.5L);
  CAPTURE(c.model);
  Simulation simulation(one_neuron(c.model, value_map(c)), on("event"));
  simulation.run(1000.0);
  const auto train = simulation.spikes("neuron");

  const auto& p = c.reference;
  const long double target = p.E_L + p.I_e * p.tau_m / p.C_m;
  const auto time_from = [&](long double V) {
    return p.tau_m * std::log((target - V) / (target - p.V_th));
  };
  const long double first = time_from(p.E_L);
  const long double period = p.t_ref + time_from(p.V_reset);
  REQUIRE(train.size() == static_cast<std::size_t>((1000.0L - first) / period) + 1);
  for (std::size_t k = 0; k < train.size(); ++k) {
    CHECK(std::abs(train.times[k] - static_cast<double>(first + period * k)) < 1e-9);
  }
}

TEST_CASE("under random input the event runtime fires at the true crossings to 1e-9 ms") {
  const auto c = GENERATE(delta_case(), exponential_case(), alpha_case());
  const auto seed = GENERATE(1u, 2u, 3u);
  std::mt19937_64 random(seed);
  CAPTURE(c.model, seed);
  const auto inputs = random_inputs(c, random, 700, 500.0, 1.8);
  const auto expected = ReferenceNeuron(c.reference).run(inputs, 500.0L);
  REQUIRE(expected.size() > 20);

  Simulation simulation(one_neuron(c.model, value_map(c), as_inputs(c, inputs)), on("event"));
  simulation.run(500.0);
  const auto train = simulation.spikes("neuron");
  REQUIRE(train.size() == expected.size());
  for (std::size_t k = 0; k < train.size(); ++k) {
    CHECK(std::abs(train.times[k] - static_cast<double>(expected[k])) < 1e-9);
  }
}

TEST_CASE("the clock runtime fires in the step in which the membrane crosses") {
  auto c = GENERATE(delta_case(), exponential_case(), alpha_case());
  c.reference.I_e = 700.0L;
  Simulation clock(one_neuron(c.model, value_map(c)), on("clock", 0.01));
  Simulation event(one_neuron(c.model, value_map(c)), on("event"));
  clock.run(20.0);
  event.run(20.0);
  const double first = event.spikes("neuron").times.at(0);
  const double step = clock.spikes("neuron").times.at(0);
  CHECK(step >= first);
  CHECK(step < first + 0.01 + 1e-9);
}
