/// The membranes of the current-based family against the sum of their postsynaptic potentials.

#include <algorithm>
#include <cmath>

#include "tests/catch.hpp"
#include "tests/neurons/current_based.hpp"

using namespace ranvier;
using namespace ranvier::testing;

namespace {

/// Largest distance of a recorded membrane from the closed form, relative to the largest value of
/// the latter.
double worst_relative_error(const CurrentBasedCase& c, const SimulationOptions& options,
                            const std::vector<ReferenceInput>& inputs, double interval) {
  Simulation simulation(one_neuron(c.model, value_map(c), as_inputs(c, inputs)), options,
                        {every(interval, {"V_m"})});
  simulation.run(300.0);
  const auto& recording = simulation.recording(0);
  long double error = 0.0L, largest = 0.0L;
  for (std::size_t k = 0; k < recording.times.size(); ++k) {
    const auto V = superposition(c.reference, inputs, static_cast<long double>(recording.times[k]));
    error = std::max(error, std::abs(V - static_cast<long double>(recording.values[0][k])));
    largest = std::max(largest, std::abs(V));
  }
  REQUIRE(recording.times.size() > 200);
  return static_cast<double>(error / largest);
}

}  // namespace

TEST_CASE("a LIF membrane is the sum of its postsynaptic potentials to 1e-12") {
  auto c = GENERATE(delta_case(), exponential_case(), alpha_case());
  // At rest at zero the error is relative to the response alone.
  c.reference.E_L = GENERATE(-70.0L, 0.0L);
  c.reference.V_th = 1e6L;
  c.reference.I_e = GENERATE(0.0L, 130.0L);
  const auto seed = GENERATE(1u, 2u);
  std::mt19937_64 random(seed);
  CAPTURE(c.model, seed, static_cast<double>(c.reference.E_L));

  SECTION("clock runtime, input on the grid") {
    const auto inputs = random_inputs(c, random, 200, 300.0, 0.3, 0.125);
    CHECK(worst_relative_error(c, on("clock", 0.125), inputs, 0.125) < 1e-12);
  }
  SECTION("event runtime, input at any time") {
    const auto inputs = random_inputs(c, random, 200, 300.0, 0.3);
    CHECK(worst_relative_error(c, on("event"), inputs, 0.371) < 1e-12);
  }
  SECTION("event runtime on the grid") {
    const auto inputs = random_inputs(c, random, 200, 300.0, 0.3, 0.125);
    CHECK(worst_relative_error(c, on("event", 0.125, true), inputs, 0.5) < 1e-12);
  }
}

TEST_CASE("a weight of one pA to iaf_psc_alpha gives a current that peaks at one pA") {
  const double tau = GENERATE(0.5, 2.0);
  Simulation simulation(
      one_neuron("iaf_psc_alpha", {{"tau_syn_ex", tau}}, {{1.0, 1.0, "excitatory"}}), on("event"),
      {every(0.01, {"I_syn_ex"})});
  simulation.run(20.0);
  const auto& recording = simulation.recording(0);
  double peak = 0.0;
  for (std::size_t k = 0; k < recording.times.size(); ++k) {
    const double t = recording.times[k] - 1.0;
    const double I = recording.values[0][k];
    CHECK(I == Approx(t < 0.0 ? 0.0 : t / tau * std::exp(1.0 - t / tau)).margin(1e-13));
    peak = std::max(peak, I);
  }
  CHECK(peak == Approx(1.0).epsilon(1e-12));
}

TEST_CASE("a weight of one pA to iaf_psc_exp steps the current by one pA") {
  Simulation simulation(
      one_neuron("iaf_psc_exp", {{"tau_syn_in", 3.0}}, {{1.0, -1.0, "inhibitory"}}), on("clock"));
  simulation.run(1.0);
  CHECK(simulation.state("neuron", "I_syn_in")[0] == -1.0);
  simulation.run(3.0);
  CHECK(simulation.state("neuron", "I_syn_in")[0] == Approx(-std::exp(-1.0)).epsilon(1e-13));
}
