/// What the event runtime carries over checkpoints and changes of parameters.

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/simulation.hpp"
#include "networks/connection_rules.hpp"
#include "networks/distribution.hpp"
#include "tests/catch.hpp"

using namespace ranvier;

TEST_CASE("a refractory period outlasts the parameter that it came from") {
  Network network;
  network.add(PopulationSpec{
      .name = "neuron",
      .model = "iaf_psc_delta",
      .size = 20,
      .parameters = {.common = {{"I_e", 2000.0}, {"t_ref", 5.0}}, .per_neuron = {}}});
  const bool on_grid = GENERATE(false, true);
  const auto periods = [&](bool shortened) {
    Simulation simulation(network,
                          {.runtime = "event", .resolution = 0.1, .on_grid = on_grid, .seed = 1});
    while (simulation.spike_count("neuron") == 0) simulation.run(0.1);
    if (shortened) simulation.set_parameter("neuron", "t_ref", 0.0);
    // A copy from a checkpoint knows of the period too.
    const auto saved = simulation.save();
    Simulation copy(network,
                    {.runtime = "event", .resolution = 0.1, .on_grid = on_grid, .seed = 1});
    if (shortened) copy.set_parameter("neuron", "t_ref", 0.0);
    copy.load(saved);
    simulation.run(30.0);
    copy.run(30.0);
    REQUIRE(simulation.digest() == copy.digest());
    const auto times = simulation.spikes("neuron").times;
    return std::pair(times[20] - times[0], times[40] - times[20]);
  };
  const auto [first, later] = periods(false);
  const auto [first_shortened, later_shortened] = periods(true);
  CHECK(first_shortened == first);
  CHECK(later == Approx(first).margin(0.1 + 1e-9));
  CHECK(later_shortened == Approx(first - 5.0).margin(0.1 + 1e-9));
}

TEST_CASE("a checkpoint holds those that fired together and are under way") {
  Network network;
  network.add(PopulationSpec{.name = "source",
                             .model = "iaf_psc_delta",
                             .size = 40,
                             .parameters = {.common = {{"I_e", 500.0}}, .per_neuron = {}}});
  network.add(PopulationSpec{.name = "target", .model = "iaf_psc_delta", .size = 50});
  for (const auto* target : {"source", "target"}) {
    network.add(ProjectionSpec{.name = fmt::format("to {}", target),
                               .source = "source",
                               .target = target,
                               .rule = connection_rule("all_to_all"),
                               .weight = constant_value(0.4),
                               .delay = constant_value(3.0),
                               .port = {}});
  }
  const SimulationOptions options{.runtime = "event", .on_grid = true, .seed = 2};
  Simulation whole(network, options), first(network, options), second(network, options);
  while (first.spike_count("source") == 0) first.run(0.1);
  REQUIRE(first.spike_count("source") == 40);  // at once
  first.run(1.0);                              // their spikes arrive in two milliseconds
  second.load(first.save());
  whole.run(100.0);
  second.run(100.0 - second.now());
  CHECK(whole.spike_count("target") > 50);
  CHECK(second.digest() == whole.digest());
  CHECK(second.counters() == whole.counters());
}

TEST_CASE("a checkpoint taken after a reset or a change of parameters goes on as the simulation") {
  Network network;
  network.add(PopulationSpec{.name = "neuron",
                             .model = "iaf_psc_delta",
                             .size = 20,
                             .parameters = {.common = {{"I_e", 500.0}}, .per_neuron = {}}});
  const SimulationOptions options{.runtime = "event", .on_grid = true, .seed = 2};
  Simulation simulation(network, options), copy(network, options);
  simulation.run(50.0);
  for (const bool changed : {false, true}) {
    if (changed) {
      simulation.set_parameter("neuron", "I_e", 900.0);
      copy.set_parameter("neuron", "I_e", 900.0);
    } else {
      simulation.reset();
    }
    copy.load(simulation.save());
    simulation.run(50.3);
    copy.run(50.3);
    REQUIRE(simulation.spike_count("neuron") > 0);
    REQUIRE(copy.digest() == simulation.digest());
  }
}

TEST_CASE("a checkpoint loaded under stronger parameters lets no neuron fire in the past") {
  Network network;
  network.add(PopulationSpec{.name = "neuron",
                             .model = "iaf_psc_delta",
                             .size = 20,
                             .parameters = {.common = {{"I_e", 400.0}}, .per_neuron = {}}});
  const SimulationOptions options{.runtime = "event", .on_grid = true, .seed = 2};
  Simulation weak(network, options);
  weak.run(15.0);  // on the way to its first spike
  REQUIRE(weak.spike_count("neuron") == 0);
  network.set_parameter("neuron", "I_e", Value(5000.0));
  Simulation strong(network, options);
  strong.load(weak.save());
  strong.run(60.0);
  for (const double time : strong.spikes("neuron").times) REQUIRE(time > 15.0);
  CHECK(strong.spike_count("neuron") > 20);
}
