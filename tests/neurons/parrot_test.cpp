#include "core/error.hpp"
#include "tests/catch.hpp"
#include "tests/neurons/circuit.hpp"

using namespace ranvier;
using namespace ranvier::testing;

namespace {

const std::pair<const char*, bool> runtimes[] = {
    {"clock", false}, {"event", true}, {"event", false}};

Network parrots(std::vector<std::vector<double>> times) {
  Network network;
  network.add(PopulationSpec{.name = "neuron", .model = "parrot", .size = times.size()});
  network.add(StimulusSpec{.name = "spikes",
                           .model = "spike_generator",
                           .target = "neuron",
                           .spike_times = std::move(times)});
  return network;
}

}  // namespace

TEST_CASE("parrots repeat their input at the same times") {
  const std::vector<std::vector<double>> times{{0.5, 1.25, 7.0}, {}, {1.25, 3.0}};
  for (const auto& [runtime, on_grid] : runtimes) {
    CAPTURE(runtime, on_grid);
    Simulation simulation(parrots(times), on(runtime, 0.25, on_grid));
    simulation.run(10.0);
    const auto train = simulation.spikes("neuron");
    CHECK(train.times == std::vector<double>{0.5, 1.25, 1.25, 3.0, 7.0});
    CHECK(train.neurons == std::vector<NeuronId>{0, 0, 2, 2, 0});
  }
}

TEST_CASE("several arrivals at one time make a parrot fire once") {
  for (const auto& [runtime, on_grid] : runtimes) {
    CAPTURE(runtime, on_grid);
    auto network = parrots({{2.0, 2.0, 5.0}});
    add_inputs(network, "neuron", {{2.0, 3.0, "input"}});
    Simulation simulation(network, on(runtime, 0.25, on_grid));
    simulation.run(10.0);
    CHECK(simulation.spikes("neuron").times == std::vector<double>{2.0, 5.0});
  }
}

TEST_CASE("a chain of parrots delays by the sum of its delays") {
  for (const auto& [runtime, on_grid] : runtimes) {
    CAPTURE(runtime, on_grid);
    Network network;
    for (const auto* name : {"a", "b", "c"}) {
      network.add(PopulationSpec{.name = name, .model = "parrot", .size = 1});
    }
    const auto connect = [&](std::string source, std::string target, double delay) {
      network.add(ProjectionSpec{
          .source = std::move(source),
          .target = std::move(target),
          .rule = std::make_shared<Wiring>(std::vector<std::pair<NeuronId, NeuronId>>{{0, 0}}),
          .weight = std::make_shared<Constant>(0.5),
          .delay = std::make_shared<Constant>(delay),
          .port = ""});
    };
    connect("a", "b", 0.0);
    connect("b", "c", 1.5);
    add_inputs(network, "a", {{1.0, 1.0, "input"}, {1.5, 1.0, "input"}});
    Simulation simulation(network, on(runtime, 0.5, on_grid));
    simulation.run(10.0);
    CHECK(simulation.spikes("b").times == std::vector<double>{1.0, 1.5});
    CHECK(simulation.spikes("c").times == std::vector<double>{2.5, 3.0});
  }
}
