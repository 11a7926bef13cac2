/// What a neuron does after its spike.

#include <cmath>

#include "core/error.hpp"
#include "tests/catch.hpp"
#include "tests/neurons/current_based.hpp"

using namespace ranvier;
using namespace ranvier::testing;

TEST_CASE("a neuron is held at V_reset for t_ref and moves in the step after") {
  const auto model =
      GENERATE(as<std::string>{}, "iaf_psc_delta", "iaf_psc_exp", "iaf_psc_alpha", "iaf_cond_exp");
  const auto [runtime, on_grid] = GENERATE(std::pair("clock", false), std::pair("event", true));
  CAPTURE(model, runtime);
  Simulation simulation(one_neuron(model, {{"I_e", 800.0}, {"t_ref", 1.5}, {"V_reset", -65.0}}),
                        on(runtime, 0.1, on_grid), {every(0.1, {"V_m"})});
  simulation.run(20.0);
  const auto fired =
      static_cast<std::size_t>(std::lround(simulation.spikes("neuron").times.at(0) / 0.1));
  const auto& V = simulation.recording(0).values[0];
  // Sample k is taken at the end of step k + 1.
  for (std::size_t step = fired; step <= fired + 15; ++step) CHECK(V[step - 1] == -65.0);
  CHECK(V[fired + 15] > -65.0);
}

TEST_CASE("what arrives at a refractory iaf_psc_delta is lost, synaptic currents go on") {
  const auto [runtime, on_grid] =
      GENERATE(std::pair("clock", false), std::pair("event", true), std::pair("event", false));
  CAPTURE(runtime, on_grid);
  SECTION("delta") {
    // The first spike fires the neuron at 1 ms; of the other two one comes in time to be lost.
    Simulation simulation(
        one_neuron("iaf_psc_delta", {},
                   {{1.0, 20.0, "membrane"}, {2.0, 5.0, "membrane"}, {4.0, 5.0, "membrane"}}),
        on(runtime, 0.1, on_grid), {every(0.5, {"V_m"})});
    simulation.run(5.0);
    const auto& V = simulation.recording(0).values[0];
    CHECK(simulation.spike_count("neuron") == 1);
    CHECK(V[3] == -70.0);
    CHECK(V[7] == Approx(-65.0).epsilon(1e-14));
  }
  SECTION("exponential") {
    Simulation simulation(one_neuron("iaf_psc_exp", {{"V_th", -69.0}, {"tau_syn_ex", 2.0}},
                                     {{1.0, 5000.0, "excitatory"}}),
                          on(runtime, 0.1, on_grid), {every(0.1, {"I_syn_ex"})});
    simulation.run(3.0);
    CHECK(simulation.spike_count("neuron") >= 1);
    CHECK(simulation.recording(0).values[0][19] == Approx(5000.0 * std::exp(-0.5)).epsilon(1e-12));
  }
}

TEST_CASE("a membrane driven beyond threshold fires again as soon as it may") {
  // tau_syn is so long that the current stays strong while the neuron is refractory.
  Simulation simulation(one_neuron("iaf_psc_exp", {{"tau_syn_ex", 1000.0}, {"t_ref", 3.0}},
                                   {{1.0, 1e5, "excitatory"}}),
                        on("event"));
  simulation.run(50.0);
  const auto train = simulation.spikes("neuron");
  REQUIRE(train.size() > 10);
  for (std::size_t k = 1; k < train.size(); ++k) {
    const double interval = train.times[k] - train.times[k - 1];
    CHECK(interval > 3.0);
    CHECK(interval < 3.1);
  }
}

TEST_CASE("a reset at or above threshold is refused") {
  const auto model =
      GENERATE(as<std::string>{}, "iaf_psc_delta", "iaf_psc_exp", "iaf_psc_alpha", "iaf_cond_exp");
  CHECK_THROWS_AS(one_neuron(model, {{"V_reset", -55.0}, {"V_th", -55.0}}), InvalidValue);
}
