/// The event runtime on the grid against the clock runtime: the same spikes.

#include <cmath>
#include <random>

#include "tests/catch.hpp"
#include "tests/neurons/circuit.hpp"

using namespace ranvier;
using namespace ranvier::testing;

namespace {

struct Circuit {
  std::string model;
  ValueMap parameters;
  double resolution;
  double recurrent;  ///< scale of recurrent weights
  double input;      ///< scale of input weights
  double bias;       ///< mean of input weights, in scales
};

std::vector<Circuit> circuits() {
  return {
      {"iaf_psc_delta", {{"I_e", 300.0}}, 0.1, 1.5, 3.0, 0.7},
      {"iaf_psc_exp", {{"I_e", 250.0}, {"tau_syn_ex", 0.5}}, 0.1, 250.0, 1500.0, 1.2},
      {"iaf_psc_exp", {{"tau_m", 2.0}, {"t_ref", 0.0}, {"I_e", 1500.0}}, 0.25, 200.0, 400.0, 0.5},
      {"iaf_psc_alpha", {{"I_e", 300.0}, {"tau_syn_ex", 10.0}}, 0.1, 20.0, 60.0, 0.7},
      {"iaf_cond_exp", {{"I_e", 200.0}}, 0.1, 5.0, 60.0, 1.0},
      {"lif", {{"tau_m", 8.0}, {"I_e", 0.02}}, 1.0, 0.3, 0.5, 0.7},
      {"lif", {{"reset", std::string("hard")}, {"t_ref", 3.0}, {"tau_m", 8.0}}, 1.0, 0.3, 0.7, 0.7},
      {"alif", {{"beta", 0.3}, {"I_e", 0.05}, {"tau_adapt", 30.0}}, 1.0, 0.2, 0.5, 0.7},
      {"integrate_and_fire", {{"I_e", 0.0123}, {"t_ref", 2.0}}, 1.0, 0.2, 0.3, 0.4}};
}

/// A random recurrent network under random spikes, Poisson noise and currents, all on the grid.
Network random_network(const Circuit& c, std::uint64_t seed, double duration) {
  constexpr std::size_t size = 12;
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<NeuronId> neuron(0, size - 1);
  std::uniform_int_distribution<int> delay_steps(1, 30);
  std::normal_distribution<double> unit(0.0, 1.0);

  Network network;
  network.add(PopulationSpec{.name = "neuron",
                             .model = c.model,
                             .size = size,
                             .parameters = {.common = c.parameters, .per_neuron = {}}});
  std::vector<std::pair<NeuronId, NeuronId>> pairs;
  std::vector<double> weights, delays;
  for (std::size_t k = 0; k < 4 * size; ++k) {
    pairs.emplace_back(neuron(random), neuron(random));
    weights.push_back(c.recurrent * unit(random));
    delays.push_back(c.resolution * delay_steps(random));
  }
  network.add(ProjectionSpec{.source = "neuron",
                             .target = "neuron",
                             .rule = std::make_shared<Wiring>(pairs),
                             .weight = std::make_shared<Listed>(weights),
                             .delay = std::make_shared<Listed>(delays),
                             .port = ""});

  std::uniform_int_distribution<int> when(1, static_cast<int>(duration / c.resolution));
  for (int device = 0; device < 40; ++device) {
    std::vector<std::vector<double>> times(size);
    for (auto& train : times) {
      for (int k = 0; k < 3; ++k) train.push_back(c.resolution * when(random));
    }
    network.add(StimulusSpec{.name = "spikes" + std::to_string(device),
                             .model = "spike_generator",
                             .target = "neuron",
                             .parameters = {{"weight", c.input * (unit(random) + c.bias)}},
                             .spike_times = times});
  }
  network.add(StimulusSpec{.name = "noise",
                           .model = "poisson_generator",
                           .target = "neuron",
                           .parameters = {{"rate", 20.0}, {"weight", c.input * 1.1}}});
  network.add(StimulusSpec{
      .name = "step",
      .model = "dc_generator",
      .target = "neuron",
      .parameters = {
          {"amplitude", c.resolution == 1.0 ? 0.03 : 40.0}, {"start", 20.0}, {"stop", 80.0}}});
  network.add(StimulusSpec{
      .name = "fluctuations",
      .model = "noise_generator",
      .target = "neuron",
      .parameters = {{"std", c.resolution == 1.0 ? 0.02 : 60.0}, {"dt", 4.0 * c.resolution}}});
  return network;
}

}  // namespace

TEST_CASE("the event runtime on the grid fires with the clock runtime, spike for spike") {
  const auto c = GENERATE(from_range(circuits()));
  const auto seed = GENERATE(1u, 2u, 3u);
  const double duration = c.resolution == 1.0 ? 400.0 : 150.0;
  CAPTURE(c.model, seed);
  const auto network = random_network(c, seed, duration);
  const std::vector<StateRecorderSpec> recorders{every(c.resolution, {"V_m"})};
  Simulation clock(network, on("clock", c.resolution), recorders);
  Simulation event(network, on("event", c.resolution, true), recorders);
  clock.run(duration);
  event.run(duration);

  const auto expected = clock.spikes("neuron"), found = event.spikes("neuron");
  CHECK(expected.size() > 50);
  CHECK(found.times == expected.times);
  CHECK(found.neurons == expected.neurons);
  CHECK(event.digest() == clock.digest());

  const auto& V_clock = clock.recording(0).values[0];
  const auto& V_event = event.recording(0).values[0];
  REQUIRE(V_event.size() == V_clock.size());
  double worst = 0.0, largest = 0.0;
  for (std::size_t k = 0; k < V_clock.size(); ++k) {
    worst = std::max(worst, std::abs(V_event[k] - V_clock[k]));
    largest = std::max(largest, std::abs(V_clock[k]));
  }
  CHECK(worst < 1e-12 * largest);
}
