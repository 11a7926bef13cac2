#pragma once

/// Small random networks for the tests of what must hold for any network.

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/network.hpp"
#include "core/random.hpp"
#include "core/recording.hpp"
#include "networks/connection_rules.hpp"
#include "networks/distribution.hpp"

namespace ranvier::testing {

/// A network and what to record of it.
struct SmallNetwork {
  Network network{};
  std::vector<StateRecorderSpec> recorders{};
};

/// A model and the size of a synaptic weight that matters to it.
struct DrivenModel {
  std::string name;
  double weight;
  ValueMap parameters;
};

inline const std::vector<DrivenModel>& driven_models() {
  static const std::vector<DrivenModel> models{
      {"iaf_psc_exp", 300.0, {}},
      {"iaf_psc_alpha", 200.0, {}},
      {"iaf_psc_delta", 4.0, {}},
      {"lif", 0.4, {{"tau_m", 10.0}, {"t_ref", 1.0}}},
      {"lif", 0.4, {{"tau_m", 10.0}, {"reset", std::string("hard")}}},
      {"alif", 0.4, {{"tau_m", 15.0}, {"tau_adapt", 60.0}}},
      {"integrate_and_fire", 0.2, {}},
      {"parrot", 1.0, {}},
  };
  return models;
}

inline ValueSourcePtr drawn(const std::string& distribution, const ValueMap& parameters) {
  return distributions().at(distribution).make(parameters, "a test network");
}

/// Draws a network: up to five populations of mixed models, each driven by a Poisson generator,
/// connected by mixed rules with delays that differ, and zero-delay projections from populations to
/// later ones, so that chains and short cuts arise. At most 200 neurons.
class SmallNetworkMaker {
 public:
  explicit SmallNetworkMaker(std::uint64_t seed)
      : draws_(RandomStream(seed, Purpose::initial_weights, 1).at(0, 0)) {}

  SmallNetwork make() {
    const auto populations = 2 + draws_.below(4);
    for (std::uint32_t p = 0; p < populations; ++p) add_population(p);
    for (std::size_t source = 0; source < populations; ++source) {
      for (std::size_t target = 0; target < populations; ++target) {
        if (draws_.below(2) == 0) connect(source, target, delay());
        if (source < target && draws_.below(2) == 0) connect(source, target, constant_value(0.0));
      }
    }
    return std::move(made_);
  }

 private:
  void add_population(std::uint32_t p) {
    models_.push_back(
        driven_models()[draws_.below(static_cast<std::uint32_t>(driven_models().size()))]);
    const auto& model = models_.back();
    const auto name = fmt::format("P{}", p);
    made_.network.add(PopulationSpec{.name = name,
                                     .model = model.name,
                                     .size = 8 + draws_.below(32),
                                     .parameters = {.common = model.parameters, .per_neuron = {}}});
    made_.network.add(StimulusSpec{
        .name = fmt::format("noise{}", p),
        .model = "poisson_generator",
        .target = name,
        .parameters = {{"rate", 300.0 + 500.0 * draws_.uniform()}, {"weight", model.weight}}});
    // A parrot repeats what it hears and has no state to speak of.
    if (model.name != "parrot") {
      made_.recorders.push_back({.population = name, .variables = {"V_m"}, .interval = 0.7});
    }
  }

  void connect(std::size_t source, std::size_t target, ValueSourcePtr delay) {
    const auto& populations = made_.network.populations();
    // A parrot relays every arrival, whatever its weight: a recurrent one would never fall silent.
    const bool relays = models_[target].name == "parrot";
    if (relays && source >= target) return;
    const double sign = draws_.below(3) == 0 ? -1.0 : 1.0;
    const double mean = sign * models_[target].weight / (relays ? 1.0 : 3.0);
    made_.network.add(ProjectionSpec{
        .source = populations[source].name,
        .target = populations[target].name,
        .rule = rule(populations[source].size, populations[target].size),
        .weight = relays ? constant_value(1.0)
                         : drawn("normal", {{"mean", mean}, {"std", std::abs(0.2 * mean)}}),
        .delay = std::move(delay),
        .port = {},
        .autapses = draws_.below(2) == 0});
  }

  ValueSourcePtr delay() {
    switch (draws_.below(3)) {
      case 0: return constant_value(0.1 * (1 + draws_.below(30)));
      case 1: return drawn("uniform", {{"low", 0.1}, {"high", 4.0}});
      default:
        return drawn("normal_clipped", {{"mean", 1.5}, {"std", 0.75}, {"low", 0.1}, {"high", 1e6}});
    }
  }

  ConnectionRulePtr rule(std::size_t sources, std::size_t targets) {
    const std::int64_t few = 1 + draws_.below(6);
    switch (draws_.below(5)) {
      case 0: return connection_rule("pairwise_bernoulli", {{"p", 0.15}});
      case 1: return connection_rule("fixed_indegree", {{"indegree", few}});
      case 2: return connection_rule("fixed_outdegree", {{"outdegree", few}});
      case 3:
        return connection_rule("fixed_total_number",
                               {{"number", few * static_cast<std::int64_t>(targets)}});
      default: return connection_rule(sources == targets ? "one_to_one" : "pairwise_bernoulli");
    }
  }

  Draws draws_;
  std::vector<DrivenModel> models_;
  SmallNetwork made_;
};

inline SmallNetwork small_network(std::uint64_t seed) { return SmallNetworkMaker(seed).make(); }

}  // namespace ranvier::testing
