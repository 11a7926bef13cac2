#include "core/network.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/suggest.hpp"

namespace ranvier {
namespace {

std::vector<std::string> names_of(const std::vector<PopulationSpec>& populations) {
  std::vector<std::string> names;
  for (const auto& population : populations) names.push_back(population.name);
  return names;
}

std::string place(std::string_view kind, std::string_view name) {
  return fmt::format("{} '{}'", kind, name);
}

void check_constant_delay(const ProjectionSpec& projection, std::string_view where) {
  const auto delay = projection.delay->constant();
  if (delay && !(*delay >= 0.0 && std::isfinite(*delay))) {
    throw InvalidValue(
        fmt::format("delay of {} is {} ms; expected a time of at least 0 ms", where, *delay));
  }
}

void check_constant_weight(const ProjectionSpec& projection, std::string_view where) {
  const auto weight = projection.weight->constant();
  if (weight && !std::isfinite(*weight)) {
    throw InvalidValue(fmt::format("weight of {} is {}; expected a finite number", where, *weight));
  }
}

void check_plasticity(const ProjectionSpec& projection, std::string_view where) {
  if (projection.plasticity && projection.delay->constant() == 0.0) {
    throw InvalidValue(
        fmt::format("delay of {} is 0 ms; expected at least one step where {} changes "
                    "the weights",
                    where, projection.plasticity->name()));
  }
}

/// A list of weights or delays needs a synapse for each of its values.
void check_list(const ValueSource& values, std::optional<std::uint64_t> synapses,
                std::string_view quantity, std::string_view where) {
  if (!values.size()) return;
  if (!synapses) {
    throw InvalidValue(fmt::format(
        "{} of {} is a list, and its rule numbers no synapses; expected a number or a distribution",
        quantity, where));
  }
  if (*values.size() != *synapses) {
    throw InvalidValue(
        fmt::format("{} of {} has {} values; expected one for each of the {} synapses", quantity,
                    where, *values.size(), *synapses));
  }
}

void check_spike_times(const std::vector<std::vector<double>>& times, const PopulationSpec& target,
                       std::string_view device) {
  if (times.size() != target.size) {
    throw InvalidValue(fmt::format(
        "device '{}' has {} lists of spike times; expected one for each of the {} neurons of '{}'",
        device, times.size(), target.size, target.name));
  }
  for (std::size_t i = 0; i < times.size(); ++i) {
    for (const double time : times[i]) {
      if (time > 0.0 && std::isfinite(time)) continue;
      throw InvalidValue(fmt::format(
          "a spike time of device '{}' for neuron {} is {} ms; expected a time greater than 0 ms",
          device, i, time));
    }
  }
}

}  // namespace

void Network::require_new_name(const std::string& name, std::string_view kind) {
  if (name.empty()) throw InvalidValue(fmt::format("a {} has no name", kind));
  const auto taken = [&](const auto& list) {
    return std::ranges::any_of(list, [&](const auto& entry) { return entry.name == name; });
  };
  if (taken(populations_) || taken(projections_) || taken(stimuli_)) {
    throw InvalidValue(
        fmt::format("{} is defined twice; expected every name once", place(kind, name)));
  }
}

std::size_t Network::add(PopulationSpec population) {
  require_new_name(population.name, "population");
  const auto where = place("population", population.name);
  if (population.size == 0) {
    throw InvalidValue(fmt::format("{} is empty; expected a size of at least 1", where));
  }
  if (population.size > std::numeric_limits<NeuronId>::max()) {
    throw InvalidValue(fmt::format("{} has {} neurons; expected at most {}", where, population.size,
                                   std::numeric_limits<NeuronId>::max()));
  }
  if (!neuron_models().contains(population.model)) {
    throw UnknownName(fmt::format("{} has the unknown model '{}'{}", where, population.model,
                                  suggestion(population.model, neuron_models().names())));
  }
  const auto& model = neuron_models().at(population.model);
  model.validate(population.parameters, population.size, where);
  for (const auto& [variable, source] : population.initial) {
    model.state_index(variable);
    if (source->size() && *source->size() != population.size) {
      throw InvalidValue(fmt::format("initial {} of {} has {} values; expected {}", variable, where,
                                     *source->size(), population.size));
    }
  }
  populations_.push_back(std::move(population));
  return populations_.size() - 1;
}

std::size_t Network::add(ProjectionSpec projection) {
  if (projection.name.empty()) {
    const auto base = projection.source + "->" + projection.target;
    projection.name = base;
    const auto taken = [&] {
      return std::ranges::any_of(projections_,
                                 [&](const auto& p) { return p.name == projection.name; });
    };
    for (int k = 2; taken(); ++k) projection.name = fmt::format("{}#{}", base, k);
  }
  require_new_name(projection.name, "projection");
  const auto where = place("projection", projection.name);
  if (!projection.rule || !projection.weight || !projection.delay) {
    throw InvalidValue(fmt::format("{} has no {}; expected a rule, a weight and a delay", where,
                                   !projection.rule     ? "rule"
                                   : !projection.weight ? "weight"
                                                        : "delay"));
  }
  const auto source = population_index(projection.source, where);
  const auto target = population_index(projection.target, where);
  if (!projection.port.empty()) model_of(target).port_index(projection.port);
  check_constant_delay(projection, where);
  check_constant_weight(projection, where);
  check_plasticity(projection, where);
  const ConnectionProblem problem{.sources = populations_[source].size,
                                  .targets = populations_[target].size,
                                  .same_population = source == target,
                                  .autapses = projection.autapses,
                                  .multapses = projection.multapses,
                                  .random = RandomStream(0, Purpose::connectivity)};
  projection.rule->check(problem, where);
  check_list(*projection.weight, projection.rule->key_count(problem), "weight", where);
  check_list(*projection.delay, projection.rule->key_count(problem), "delay", where);
  projections_.push_back(std::move(projection));
  return projections_.size() - 1;
}

std::size_t Network::add(StimulusSpec stimulus) {
  require_new_name(stimulus.name, "device");
  const auto where = place("device", stimulus.name);
  if (!stimulus_models().contains(stimulus.model)) {
    throw UnknownName(fmt::format("{} has the unknown model '{}'{}", where, stimulus.model,
                                  suggestion(stimulus.model, stimulus_models().names())));
  }
  const auto& model = stimulus_models().at(stimulus.model);
  const auto target = population_index(stimulus.target, where);
  if (!stimulus.port.empty()) model_of(target).port_index(stimulus.port);
  if (stimulus.port.empty() && !model.default_port.empty()) {
    model_of(target).port_index(model.default_port);
  }
  for (const auto& [name, value] : stimulus.parameters) {
    checked(find(model.parameters, name, where), value, where);
  }
  if (model.takes_spike_times) {
    check_spike_times(stimulus.spike_times, populations_[target], stimulus.name);
  } else if (!stimulus.spike_times.empty()) {
    throw InvalidValue(
        fmt::format("{} has spike times, but {} replays none", where, stimulus.model));
  }
  stimuli_.push_back(std::move(stimulus));
  return stimuli_.size() - 1;
}

std::size_t Network::population_index(std::string_view name, std::string_view where) const {
  const auto found = std::ranges::find(populations_, name, &PopulationSpec::name);
  if (found == populations_.end()) {
    throw UnknownName(fmt::format("{} names the unknown population '{}'{}", where, name,
                                  suggestion(name, names_of(populations_))));
  }
  return static_cast<std::size_t>(found - populations_.begin());
}

std::size_t Network::population_index(std::string_view name) const {
  return population_index(name, "this request");
}

std::size_t Network::projection_index(std::string_view name) const {
  const auto found = std::ranges::find(projections_, name, &ProjectionSpec::name);
  if (found == projections_.end()) {
    std::vector<std::string> names;
    for (const auto& projection : projections_) names.push_back(projection.name);
    throw UnknownName(fmt::format("this request names the unknown projection '{}'{}", name,
                                  suggestion(name, names)));
  }
  return static_cast<std::size_t>(found - projections_.begin());
}

const NeuronModel& Network::model_of(std::size_t population) const {
  return neuron_models().at(populations_[population].model);
}

std::size_t Network::neurons() const noexcept {
  std::size_t sum = 0;
  for (const auto& population : populations_) sum += population.size;
  return sum;
}

void Network::set_parameter(std::string_view population, std::string_view parameter,
                            const Value& value) {
  auto& spec = populations_[population_index(population)];
  auto changed = spec.parameters;
  changed.common.insert_or_assign(std::string(parameter), value);
  changed.per_neuron.erase(std::string(parameter));
  neuron_models().at(spec.model).validate(changed, spec.size, place("population", spec.name));
  spec.parameters = std::move(changed);
}

void Network::set_parameter(std::string_view population, std::string_view parameter,
                            std::vector<double> per_neuron) {
  auto& spec = populations_[population_index(population)];
  auto changed = spec.parameters;
  changed.per_neuron.insert_or_assign(std::string(parameter), std::move(per_neuron));
  neuron_models().at(spec.model).validate(changed, spec.size, place("population", spec.name));
  spec.parameters = std::move(changed);
}

void Network::set_spike_times(std::string_view device, std::vector<std::vector<double>> times) {
  const auto found = std::ranges::find(stimuli_, device, &StimulusSpec::name);
  if (found == stimuli_.end()) {
    std::vector<std::string> names;
    for (const auto& stimulus : stimuli_) names.push_back(stimulus.name);
    throw UnknownName(fmt::format("unknown device '{}'{}", device, suggestion(device, names)));
  }
  check_spike_times(times, populations_[population_index(found->target)], found->name);
  found->spike_times = std::move(times);
}

std::size_t port_for(const NeuronModel& model, std::optional<std::size_t> named, double weight) {
  if (named) return *named;
  if (weight >= 0.0) return 0;
  const auto inhibitory = std::ranges::find(model.ports, "inhibitory", &Port::name);
  return inhibitory == model.ports.end()
             ? 0
             : static_cast<std::size_t>(inhibitory - model.ports.begin());
}

void check_sign(const NeuronModel& model, std::size_t port, double weight, std::string_view what) {
  const auto sign = model.ports[port].sign;
  if ((sign != WeightSign::excitatory || weight >= 0.0) &&
      (sign != WeightSign::inhibitory || weight <= 0.0)) {
    return;
  }
  throw InvalidValue(fmt::format("{} is {}; port '{}' of {} expects {} weights", what, weight,
                                 model.ports[port].name, model.name,
                                 sign == WeightSign::excitatory ? "positive" : "negative"));
}

std::vector<std::size_t> levels_of(const Network& network) {
  struct Edge {
    std::size_t from, to;
  };
  std::vector<Edge> instantaneous;
  for (const auto& projection : network.projections()) {
    if (projection.delay->constant() == 0.0) {
      instantaneous.push_back({network.population_index(projection.source),
                               network.population_index(projection.target)});
    }
  }
  const auto n = network.populations().size();
  std::vector<std::size_t> level(n, 0);
  // Longest path by relaxation: without a cycle it settles in n rounds.
  for (std::size_t round = 0; round <= n; ++round) {
    bool settled = true;
    for (const auto& [from, to] : instantaneous) {
      if (level[to] >= level[from] + 1) continue;
      if (round == n) {
        throw InvalidValue(fmt::format(
            "projections without delay form a cycle through '{}' and '{}'; expected a delay of at "
            "least one step on one of them",
            network.populations()[from].name, network.populations()[to].name));
      }
      level[to] = level[from] + 1;
      settled = false;
    }
    if (settled) break;
  }
  return level;
}

}  // namespace ranvier
