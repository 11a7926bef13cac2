/// What single precision costs: errors of a single neuron against bounds that follow from its
/// equations, and what the option promises.

#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/simulation.hpp"
#include "core/stimulus.hpp"
#include "tests/catch.hpp"
#include "tests/neurons/circuit.hpp"

using namespace ranvier;
using namespace ranvier::testing;
using Catch::Matchers::Contains;

namespace {

constexpr double unit_roundoff = 0x1p-24;

SimulationOptions in_precision(const std::string& precision, double resolution = 0.1) {
  return {.resolution = resolution, .precision = precision};
}

/// A neuron below threshold under Poisson trains of both signs.
Network noisy_neuron() {
  auto network = one_neuron("iaf_psc_exp", {{"V_th", 1000.0}, {"tau_syn_in", 5.0}});
  for (const double weight : {60.0, -30.0}) {
    network.add(StimulusSpec{.name = weight > 0.0 ? "excitation" : "inhibition",
                             .model = "poisson_generator",
                             .target = "neuron",
                             .port = "",
                             .parameters = {{"rate", 4000.0}, {"weight", weight}},
                             .spike_times = {}});
  }
  return network;
}

StateRecording trace(const Network& network, const SimulationOptions& options, double duration,
                     std::vector<std::string> variables) {
  Simulation simulation(network, options, {every(options.resolution, std::move(variables))});
  simulation.run(duration);
  return simulation.recording(0);
}

double largest(const std::vector<double>& values) {
  double most = 0.0;
  for (const double value : values) most = std::max(most, std::abs(value));
  return most;
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double most = 0.0;
  for (std::size_t k = 0; k < a.size(); ++k) most = std::max(most, std::abs(a[k] - b[k]));
  return most;
}

/// Errors of `each` a step that shrink by exp(-h/tau) from one step to the next add up to this.
double accumulated(double each, double h, double tau) { return each / -std::expm1(-h / tau); }

}  // namespace

TEST_CASE("the drift of a neuron in single precision is bounded by its time constants") {
  const double h = GENERATE(0.01, 0.1, 1.0);
  CAPTURE(h);
  const auto network = noisy_neuron();
  const std::vector<std::string> variables{"V_m", "I_syn_ex", "I_syn_in"};
  const auto exact = trace(network, in_precision("double", h), 2000.0, variables);
  const auto rounded = trace(network, in_precision("single", h), 2000.0, variables);

  // A current is I <- decay I + arrived: decay, the product, the arrivals and the sum are rounded.
  const double I_ex = largest(exact.values[1]), I_in = largest(exact.values[2]);
  const double error_ex = accumulated(4.0 * unit_roundoff * I_ex, h, 2.0);
  const double error_in = accumulated(4.0 * unit_roundoff * I_in, h, 5.0);
  CHECK(largest_difference(exact.values[1], rounded.values[1]) < error_ex);
  CHECK(largest_difference(exact.values[2], rounded.values[2]) < error_in);

  // V <- decay V + V_per_I I_stim + drift + V_per_I_ex I_ex + V_per_I_in I_in: each term rounds as a
  // coefficient and as a product, then there are four sums. A current error enters for h at most
  // with h/C_m.
  const double C_m = 250.0, tau_m = 10.0, E_L = 70.0;
  const double terms = largest(exact.values[0]) + E_L * h / tau_m + h / C_m * (I_ex + I_in);
  const double each = 6.0 * unit_roundoff * terms + h / C_m * (error_ex + error_in);
  const double drift = largest_difference(exact.values[0], rounded.values[0]);
  CHECK(drift > 0.0);
  CHECK(drift < accumulated(each, h, tau_m));
}

TEST_CASE("a neuron under a constant current fires at the same rate in both precisions") {
  const auto network = one_neuron("iaf_psc_exp", {{"I_e", 500.0}});
  std::vector<SpikeTrain> trains;
  for (const auto* precision : {"single", "double"}) {
    Simulation simulation(network, in_precision(precision));
    simulation.run(10000.0);
    trains.push_back(simulation.spikes("neuron"));
  }
  // V nears -50 mV and crosses -55 mV with a slope of 0.5 mV/ms; an error of V of microvolts, as bounded
  // above, moves the crossing by less than a step.
  REQUIRE(trains[0].size() > 500);
  const auto first = trains[0].times.front();
  CHECK(std::abs(first - trains[1].times.front()) < 0.1001);
  const auto interval = [](const SpikeTrain& train) { return train.times[1] - train.times[0]; };
  CHECK(std::abs(interval(trains[0]) - interval(trains[1])) < 0.1001);
}

TEST_CASE("Poisson trains have the same spikes in both precisions") {
  auto network = one_neuron("parrot", {});
  network.add(StimulusSpec{.name = "noise",
                           .model = "poisson_generator",
                           .target = "neuron",
                           .port = "",
                           .parameters = {{"rate", 900.0}},
                           .spike_times = {}});
  Simulation single(network, in_precision("single")), twice(network, in_precision("double"));
  single.run(1000.0);
  twice.run(1000.0);
  REQUIRE(single.spike_count("neuron") > 500);
  CHECK(single.digest() == twice.digest());
}

TEST_CASE("the jumps of a noise current add up to zero in single precision too") {
  auto network = one_neuron("iaf_psc_exp", {});
  network.add(
      StimulusSpec{.name = "noise",
                   .model = "noise_generator",
                   .target = "neuron",
                   .port = "",
                   .parameters = {{"mean", 10.0}, {"std", 120.0}, {"dt", 0.1}, {"stop", 1000.0}},
                   .spike_times = {}});
  Simulation simulation(network, in_precision("single"));
  simulation.run(1001.0);
  CHECK(simulation.state("neuron", "I_stim").front() == 0.0);
}

TEST_CASE("the clock runtime takes single precision and the event runtime double on their own") {
  const auto network = one_neuron("iaf_psc_exp", {});
  CHECK(Simulation(network).options().precision == "single");
  CHECK(Simulation(network, in_precision("double")).options().precision == "double");
  CHECK(Simulation(network, {.runtime = "event"}).options().precision == "double");
}

TEST_CASE("a precision that is not there is refused") {
  const auto network = one_neuron("iaf_psc_exp", {});
  CHECK_THROWS_WITH(Simulation(network, in_precision("singel")),
                    Contains("unknown precision 'singel'") && Contains("single"));
  CHECK_THROWS_WITH(Simulation(network, {.runtime = "event", .precision = "single"}),
                    Contains("precision is single, which the event runtime does not have"));
}

TEST_CASE("a checkpoint resumes in the precision that wrote it, and in no other") {
  const auto network = noisy_neuron();
  const auto* written = GENERATE("single", "double");
  Simulation whole(network, in_precision(written)), first(network, in_precision(written)),
      second(network, in_precision(written));
  whole.run(200.0);
  first.run(100.0);
  second.load(first.save());
  second.run(100.0);
  CHECK(whole.state("neuron", "V_m") == second.state("neuron", "V_m"));

  Simulation other(network, in_precision(std::string(written) == "single" ? "double" : "single"));
  CHECK_THROWS_WITH(other.load(first.save()),
                    Contains("the checkpoint is of a run in " + std::string(written)) &&
                        Contains("expected precision " + std::string(written)));
}
