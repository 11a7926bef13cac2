#pragma once

/// Plastic synapses between neurons whose spikes are imposed, and the weights that follow from the
/// definition, pair by pair.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/network.hpp"
#include "core/plasticity.hpp"
#include "core/simulation.hpp"
#include "networks/connection_rules.hpp"
#include "networks/distribution.hpp"

namespace ranvier::testing {

/// `pre` relays and `post` fires on whatever it is sent, so that a plastic weight decides nothing.
/// Both are without input yet.
inline Network imposed_network(std::size_t sources, std::size_t targets) {
  Network network;
  network.add(PopulationSpec{.name = "pre", .model = "parrot", .size = sources});
  network.add(PopulationSpec{
      .name = "post",
      .model = "iaf_psc_delta",
      .size = targets,
      .parameters = {.common = {{"E_L", 0.0}, {"V_reset", 0.0}, {"V_th", 1e9}, {"t_ref", 0.0}},
                     .per_neuron = {}}});
  return network;
}

inline constexpr double strong = 1e12;  ///< a weight that makes `post` fire

inline void add_noise(Network& network, const std::string& target, double rate) {
  network.add(
      StimulusSpec{.name = "noise_" + target,
                   .model = "poisson_generator",
                   .target = target,
                   .parameters = {{"rate", rate}, {"weight", target == "pre" ? 1.0 : strong}}});
}

inline void add_times(Network& network, const std::string& target,
                      std::vector<std::vector<double>> times) {
  network.add(StimulusSpec{.name = "times_" + target,
                           .model = "spike_generator",
                           .target = target,
                           .parameters = {{"weight", target == "pre" ? 1.0 : strong}},
                           .spike_times = std::move(times)});
}

inline void add_plastic(Network& network, ValueSourcePtr weight, ValueSourcePtr delay,
                        PlasticityPtr plasticity, const std::string& rule = "all_to_all",
                        const ValueMap& rule_parameters = {}) {
  network.add(ProjectionSpec{.name = "plastic",
                             .source = "pre",
                             .target = "post",
                             .rule = connection_rule(rule, rule_parameters),
                             .weight = std::move(weight),
                             .delay = std::move(delay),
                             .port = {},
                             .plasticity = std::move(plasticity)});
}

struct PairRule {
  double tau_plus = 20.0, tau_minus = 20.0, A_plus = 1.0, A_minus = 1.0, w_max = 100.0;
  bool axonal = false;

  PlasticityPtr choice() const {
    return plasticity_rule("stdp_pair", {{"tau_plus", tau_plus},
                                         {"tau_minus", tau_minus},
                                         {"A_plus", A_plus},
                                         {"A_minus", A_minus},
                                         {"w_max", w_max},
                                         {"delay", std::string(axonal ? "axonal" : "dendritic")}});
  }
};

/// Steps at which each neuron of a population fired.
inline std::vector<std::vector<Step>> steps_of(const Simulation& simulation,
                                               const std::string& population) {
  const auto& network = simulation.network();
  const TimeGrid grid(simulation.options().resolution);
  std::vector<std::vector<Step>> steps(
      network.populations()[network.population_index(population)].size);
  const auto train = simulation.spikes(population);
  for (std::size_t k = 0; k < train.size(); ++k) {
    steps[train.neurons[k]].push_back(grid.nearest(train.times[k]));
  }
  return steps;
}

/// The weight at `now` of a synapse between two trains: every pre spike is paired with every earlier
/// post spike and the other way round, in order of their times at the synapse. What has not had its
/// way to the soma of the target by now does not count yet.
inline double weight_by_pairs(const PairRule& rule, double weight, Step delay, Step now, double h,
                              const std::vector<Step>& pre, const std::vector<Step>& post) {
  struct Event {
    Step time;
    bool is_pre;
  };
  const Step pre_way = rule.axonal ? delay : 0, post_way = rule.axonal ? 0 : delay;
  std::vector<Event> events;
  for (const auto t : pre) events.push_back({t + pre_way, true});
  for (const auto s : post) events.push_back({s + post_way, false});
  // In one step: dendritic, the post spike first; axonal, the pre spike.
  std::ranges::sort(events, [&](const Event& a, const Event& b) {
    if (a.time != b.time) return a.time < b.time;
    return rule.axonal ? a.is_pre > b.is_pre : a.is_pre < b.is_pre;
  });
  for (const auto& event : events) {
    if (event.time > now - post_way) break;
    double sum = 0.0;
    for (const auto& other : events) {
      if (other.is_pre == event.is_pre || other.time >= event.time) continue;
      const double lag = static_cast<double>(event.time - other.time) * h;
      sum += std::exp(-lag / (event.is_pre ? rule.tau_minus : rule.tau_plus));
    }
    weight = event.is_pre ? std::max(0.0, weight - rule.A_minus * sum)
                          : std::min(rule.w_max, weight + rule.A_plus * sum);
  }
  return weight;
}

/// Largest difference between the weights of a simulation and those by pairs.
inline double distance_from_pairs(const Simulation& simulation, const PairRule& rule,
                                  const SynapseTable& initial) {
  const double h = simulation.options().resolution;
  const TimeGrid grid(h);
  const auto pre = steps_of(simulation, "pre"), post = steps_of(simulation, "post");
  const auto table = simulation.weights("plastic");
  double largest = 0.0;
  for (std::size_t k = 0; k < table.size(); ++k) {
    const double expected = weight_by_pairs(rule, initial.weights[k], grid.nearest(table.delays[k]),
                                            grid.nearest(simulation.now()), h,
                                            pre[table.sources[k]], post[table.targets[k]]);
    largest = std::max(largest, std::abs(table.weights[k] - expected));
  }
  return largest;
}

}  // namespace ranvier::testing
