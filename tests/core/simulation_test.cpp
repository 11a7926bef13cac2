/// What a simulation promises about being stopped, changed, saved and asked for nonsense.

#include <limits>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/simulation.hpp"
#include "tests/catch.hpp"
#include "tests/core/small_networks.hpp"

using namespace ranvier;
using namespace ranvier::testing;
using Catch::Matchers::Contains;

namespace {

const std::vector<SimulationOptions> runtimes{{.runtime = "clock"},
                                              {.runtime = "clock", .threads = 2},
                                              {.runtime = "event", .on_grid = true},
                                              {.runtime = "event"}};

/// Ten leaky neurons, driven, that excite each other.
Network driven_network(double I_e = 500.0) {
  Network network;
  network.add(
      PopulationSpec{.name = "cells",
                     .model = "iaf_psc_exp",
                     .size = 10,
                     .parameters = {.common = {{"I_e", I_e}}, .per_neuron = {}},
                     .initial = {{"V_m", drawn("uniform", {{"low", -70.}, {"high", -56.}})}}});
  network.add(ProjectionSpec{.source = "cells",
                             .target = "cells",
                             .rule = connection_rule("all_to_all"),
                             .weight = constant_value(20.0),
                             .delay = constant_value(1.5),
                             .port = {}});
  return network;
}

std::vector<StateRecorderSpec> recorders() {
  return {{.population = "cells", .variables = {"V_m", "I_syn_ex"}, .interval = 0.5}};
}

void check_equal(const Simulation& a, const Simulation& b) {
  CHECK(a.now() == b.now());
  CHECK(a.digest() == b.digest());
  CHECK((a.spikes("cells").times == b.spikes("cells").times));
  CHECK((a.recording(0).times == b.recording(0).times));
  CHECK((a.recording(0).values == b.recording(0).values));
}

}  // namespace

TEST_CASE("a run that its watcher stops goes on as if it had not been") {
  for (const auto& options : runtimes) {
    CAPTURE(options.runtime, options.threads, options.on_grid);
    Simulation whole(driven_network(), options, recorders());
    whole.run(100.0);
    Simulation stopped(driven_network(), options, recorders());
    double asked_last = 0.0;
    const RunControl control{.progress = {},
                             .interrupted = {},
                             .decide =
                                 [&](double now) {
                                   CHECK(now > asked_last);
                                   asked_last = now;
                                   return now >= 40.0;
                                 },
                             .watched = "cells"};
    stopped.run(100.0, control);
    CHECK(stopped.now() == asked_last);
    CHECK(stopped.now() >= 40.0);
    CHECK(stopped.now() < 60.0);
    CHECK(stopped.recording(0).times.size() <=
          static_cast<std::size_t>(stopped.now() / 0.5 + 1e-6));
    // Off the grid the remaining time may round: go to 100 ms in the form the whole run used.
    stopped.run(100.0 - stopped.now());
    CHECK(stopped.now() == Approx(100.0).epsilon(1e-14));
    CHECK(stopped.digest() == whole.digest());
    CHECK((stopped.recording(0).values == whole.recording(0).values));
  }
}

TEST_CASE("an interrupted run ends after a whole step and can go on") {
  const std::vector<StateRecorderSpec> seldom{
      {.population = "cells", .variables = {"V_m"}, .interval = 10.0}};
  for (const auto& options : runtimes) {
    CAPTURE(options.runtime, options.threads, options.on_grid);
    Simulation simulation(driven_network(), options, seldom);
    double told = 0.0;
    const RunControl control{.progress = [&](double now) { told = now; },
                             .interrupted = [] { return true; },
                             .decide = {},
                             .watched = {}};
    CHECK_THROWS_AS(simulation.run(1e6, control), Interrupted);
    CHECK(simulation.now() > 0.0);
    CHECK(simulation.now() == Approx(told));
    CHECK(simulation.now() < 1e6);
    if (options.runtime == "event" && !options.on_grid) continue;

    // On the grid the time it ended at can be run to exactly.
    Simulation reference(driven_network(), options, seldom);
    reference.run(simulation.now() + 10.0);
    simulation.run(10.0);
    check_equal(simulation, reference);
  }
}

TEST_CASE("a throwing watcher ends the run with its own exception on every thread") {
  for (const auto& options : runtimes) {
    CAPTURE(options.runtime, options.threads, options.on_grid);
    Simulation simulation(driven_network(), options);
    const RunControl control{.progress = {},
                             .interrupted = {},
                             .decide = [](double) -> bool { throw CorruptFile("stop here"); },
                             .watched = "cells"};
    CHECK_THROWS_WITH(simulation.run(100.0, control), Contains("stop here"));
    CHECK(simulation.now() < 100.0);
  }
}

TEST_CASE("parameters and states changed between runs act alike in both runtimes") {
  const auto run = [](const SimulationOptions& options) {
    Simulation simulation(driven_network(0.0), options, recorders());
    simulation.run(20.0);
    CHECK(simulation.spike_count("cells") == 0);
    simulation.set_parameter("cells", "I_e", 600.0);
    simulation.run(40.0);
    CHECK(simulation.spike_count("cells") > 0);
    const std::vector<double> voltages(10, -60.0);
    simulation.set_state("cells", "V_m", voltages);
    CHECK(simulation.state("cells", "V_m") == voltages);
    simulation.run(10.0);
    std::vector<double> currents;
    for (int k = 0; k < 10; ++k) currents.push_back(60.0 * k);
    simulation.set_parameter("cells", "I_e", currents);
    simulation.run(40.0);
    return simulation;
  };
  const auto expected = run(runtimes[0]);
  check_equal(run(runtimes[1]), expected);
  const auto event = run(runtimes[2]);
  CHECK(event.digest() == expected.digest());
  CHECK((event.spikes("cells").times == expected.spikes("cells").times));
}

TEST_CASE("new spike times replace the old and start the time again") {
  for (const auto& options : runtimes) {
    CAPTURE(options.runtime, options.threads, options.on_grid);
    Network network;
    network.add(PopulationSpec{.name = "cells", .model = "parrot", .size = 2});
    network.add(StimulusSpec{.name = "input",
                             .model = "spike_generator",
                             .target = "cells",
                             .spike_times = {{1.0}, {2.0, 3.0}}});
    Simulation simulation(std::move(network), options);
    simulation.run(10.0);
    CHECK((simulation.spikes("cells").neurons == std::vector<NeuronId>{0, 1, 1}));
    simulation.set_spike_times("input", {{4.0, 5.0}, {}});
    CHECK(simulation.now() == 0.0);
    simulation.run(10.0);
    const auto train = simulation.spikes("cells");
    CHECK((train.neurons == std::vector<NeuronId>{0, 0}));
    REQUIRE(train.size() == 2);
    CHECK(train.times[0] == Approx(4.0));
    CHECK(train.times[1] == Approx(5.0));
    CHECK_THROWS_AS(simulation.set_spike_times("imput", {{}, {}}), UnknownName);
    CHECK_THROWS_AS(simulation.set_spike_times("input", {{}}), InvalidValue);
  }
}

TEST_CASE("only the populations asked for keep their spikes, and all count them") {
  for (const auto& options : runtimes) {
    auto network = driven_network();
    network.add(PopulationSpec{.name = "others",
                               .model = "iaf_psc_exp",
                               .size = 3,
                               .parameters = {.common = {{"I_e", 600.0}}, .per_neuron = {}}});
    Simulation simulation(network, options, {}, {"others"});
    simulation.run(100.0);
    CHECK(simulation.spikes("cells").size() == 0);
    CHECK(simulation.spike_count("cells") > 0);
    CHECK(simulation.spikes("others").size() == simulation.spike_count("others"));
    CHECK(simulation.counters().spikes ==
          simulation.spike_count("cells") + simulation.spike_count("others"));
  }
}

TEST_CASE("spikes come in order of time, then of neuron") {
  for (const auto& options : runtimes) {
    CAPTURE(options.runtime, options.threads, options.on_grid);
    // Neurons in one state fire together.
    Network network;
    network.add(PopulationSpec{.name = "cells",
                               .model = "iaf_psc_exp",
                               .size = 9,
                               .parameters = {.common = {{"I_e", 600.0}}, .per_neuron = {}}});
    Simulation simulation(std::move(network), options);
    simulation.run(200.0);
    const auto train = simulation.spikes("cells");
    REQUIRE(train.size() >= 18);
    for (std::size_t k = 1; k < train.size(); ++k) {
      const bool ordered =
          train.times[k - 1] < train.times[k] ||
          (train.times[k - 1] == train.times[k] && train.neurons[k - 1] < train.neurons[k]);
      REQUIRE(ordered);
    }
  }
}

TEST_CASE("a checkpoint of another simulation is refused") {
  for (const auto& options : runtimes) {
    CAPTURE(options.runtime, options.threads, options.on_grid);
    Simulation simulation(driven_network(), options, recorders());
    simulation.run(10.0);
    const auto archive = simulation.save();

    auto other_seed = options;
    other_seed.seed = 99;
    auto other_step = options;
    other_step.resolution = 0.05;
    for (const auto& other : {other_seed, other_step}) {
      Simulation fresh(driven_network(), other, recorders());
      CHECK_THROWS_WITH(fresh.load(archive), Contains("another simulation"));
    }
    Simulation more(driven_network(), options,
                    {recorders()[0], {.population = "cells", .variables = {"V_m"}}});
    CHECK_THROWS_AS(more.load(archive), CorruptFile);
    CHECK_THROWS_AS(more.load(Archive{}), CorruptFile);
  }
}

TEST_CASE("requests that make no sense are refused by name") {
  const auto network = driven_network();
  CHECK_THROWS_WITH(Simulation(network, {.runtime = "clok"}), Contains("clock"));
  CHECK_THROWS_WITH(Simulation(network, {.resolution = 0.0}), Contains("resolution is 0 ms"));
  CHECK_THROWS_AS(Simulation(Network{}), InvalidValue);
  CHECK_THROWS_AS(Simulation(network, {}, {}, {"cell"}), UnknownName);
  CHECK_THROWS_AS(Simulation(network, {}, {{.population = "cells", .variables = {"Vm"}}}),
                  UnknownName);
  CHECK_THROWS_WITH(
      Simulation(network, {}, {{.population = "cells", .variables = {"V_m"}, .neurons = {10}}}),
      Contains("neuron 10") && Contains("10"));
  CHECK_THROWS_AS(
      Simulation(network, {}, {{.population = "cells", .variables = {"V_m"}, .interval = 0.0}}),
      InvalidValue);
  CHECK_THROWS_WITH(
      Simulation(network, {}, {{.population = "cells", .variables = {"V_m"}, .interval = 0.15}}),
      Contains("recording interval") && Contains("multiple of the resolution"));

  Simulation simulation(network);
  CHECK_THROWS_WITH(simulation.run(0.05), Contains("multiple of the resolution"));
  CHECK_THROWS_AS(simulation.run(-1.0), InvalidValue);
  CHECK_THROWS_AS(simulation.run(std::numeric_limits<double>::quiet_NaN()), InvalidValue);
  CHECK_THROWS_AS(simulation.spikes("cell"), UnknownName);
  CHECK_THROWS_AS(simulation.recording(0), InvalidValue);
  CHECK_THROWS_AS(simulation.state("cells", "V"), UnknownName);
  CHECK_THROWS_AS(simulation.set_parameter("cells", "I_e", std::string("much")), InvalidValue);
  const std::vector<double> too_few(9, -70.0);
  CHECK_THROWS_AS(simulation.set_state("cells", "V_m", too_few), InvalidValue);
  CHECK(simulation.now() == 0.0);
}

TEST_CASE("a projection that lacks a part is refused by name") {
  Network network;
  network.add(PopulationSpec{.name = "cells", .model = "lif", .size = 2});
  CHECK_THROWS_WITH(
      network.add(ProjectionSpec{.name = "loop", .source = "cells", .target = "cells", .port = ""}),
      Contains("'loop' has no rule"));
}
