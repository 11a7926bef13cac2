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
