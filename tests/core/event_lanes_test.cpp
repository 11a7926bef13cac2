/// Neighbours that are touched together against the same neurons each alone.

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/random.hpp"
#include "core/simulation.hpp"
#include "networks/connection_rules.hpp"
#include "networks/distribution.hpp"
#include "tests/catch.hpp"

using namespace ranvier;

namespace {

constexpr std::size_t size = 50;  // three times as many as lanes, and two more
constexpr std::size_t sources = 30;

struct Case {
  std::string model;
  double weight;
  ValueMap parameters;
};

std::string alone(std::size_t i) { return fmt::format("alone {}", i); }

/// `together`: one population of all neurons; otherwise one for each.
Network network_of(const Case& given, bool together) {
  auto draws = RandomStream(8, Purpose::initial_weights).at(0, 0);
  std::vector<double> weights(size * sources);
  for (double& weight : weights) weight = given.weight * (draws.uniform() - 0.4);
  std::vector<double> start(size);
  for (double& value : start) value = given.weight * draws.uniform();

  Network network;
  network.add(PopulationSpec{.name = "source", .model = "parrot", .size = sources});
  network.add(StimulusSpec{.name = "noise",
                           .model = "poisson_generator",
                           .target = "source",
                           .parameters = {{"rate", 60.0}}});
  const auto add = [&](const std::string& name, std::size_t first, std::size_t count) {
    PopulationSpec population{.name = name, .model = given.model, .size = count};
    population.parameters.common = given.parameters;
    population.initial["I_stim"] =
        listed_values({start.begin() + static_cast<std::ptrdiff_t>(first),
                       start.begin() + static_cast<std::ptrdiff_t>(first + count)});
    network.add(std::move(population));
    const auto begin = weights.begin() + static_cast<std::ptrdiff_t>(first * sources);
    network.add(ProjectionSpec{
        .name = "to " + name,
        .source = "source",
        .target = name,
        .rule = connection_rule("all_to_all"),
        .weight = listed_values({begin, begin + static_cast<std::ptrdiff_t>(count * sources)}),
        .delay = constant_value(2.0),
        .port = {}});
  };
  if (together) {
    add("all", 0, size);
  } else {
    for (std::size_t i = 0; i < size; ++i) add(alone(i), i, 1);
  }
  return network;
}

void require_same(const Simulation& together, const Simulation& apart) {
  const auto& model = together.network().model_of(together.network().population_index("all"));
  std::vector<std::vector<double>> times(size);
  const auto spikes = together.spikes("all");
  for (std::size_t s = 0; s < spikes.size(); ++s) {
    times[spikes.neurons[s]].push_back(spikes.times[s]);
  }
  for (const auto& variable : model.state) {
    CAPTURE(variable.name);
    const auto values = together.state("all", variable.name);
    for (std::size_t i = 0; i < size; ++i) {
      CAPTURE(i);
      REQUIRE(values[i] == apart.state(alone(i), variable.name)[0]);
      REQUIRE(times[i] == apart.spikes(alone(i)).times);
    }
  }
}

}  // namespace

TEST_CASE("neighbours that are touched together end with the bits of neurons alone") {
  const auto given = GENERATE(values<Case>({
      {"lif", 0.6, {{"tau_m", 10.0}}},
      {"lif", 0.6, {{"tau_m", 4.0}, {"reset", std::string("hard")}}},
      {"integrate_and_fire", 0.3, {}},
      {"alif", 0.6, {{"tau_m", 15.0}, {"tau_adapt", 60.0}}},
      {"leaky_integrator", 0.5, {{"tau_m", 20.0}}},
      {"iaf_psc_exp", 2000.0, {{"t_ref", 0.0}}},
      {"iaf_psc_delta", 15.0, {{"t_ref", 0.0}}},
  }));
  CAPTURE(given.model);
  const SimulationOptions options{
      .runtime = "event", .resolution = 1.0, .on_grid = true, .seed = 5};
  Simulation together(network_of(given, true), options), apart(network_of(given, false), options);
  require_same(together, apart);
  together.run(60.0);
  apart.run(60.0);
  require_same(together, apart);
  if (given.model != "leaky_integrator") REQUIRE(together.spike_count("all") > size);

  // From the start again, with another drive, and half way.
  for (int round = 0; round < 2; ++round) {
    together.reset();
    apart.reset();
    require_same(together, apart);
    for (const double duration : {7.0, 20.0}) {
      auto drive = together.state("all", "I_stim");
      for (std::size_t i = 0; i < size; ++i) {
        drive[i] *= 0.1 * static_cast<double>(i % 7);
        apart.set_state(alone(i), "I_stim", std::vector<double>{drive[i]});
      }
      together.set_state("all", "I_stim", drive);
      require_same(together, apart);
      together.run(duration);
      apart.run(duration);
      require_same(together, apart);
    }
  }
}

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
