#include "experiments/simulate/network_reader.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/plasticity.hpp"
#include "core/rows.hpp"
#include "core/suggest.hpp"
#include "core/time_grid.hpp"
#include "experiments/config/read.hpp"
#include "experiments/config/report_refusals.hpp"
#include "experiments/simulate/values.hpp"
#include "networks/circuit.hpp"
#include "networks/connection_rules.hpp"

namespace ranvier {
namespace {

const Parameter weight_quantity{"weight", "", ParameterType::real, 1.0, any_real, {}, ""};
const Parameter delay_quantity{"delay", "ms", ParameterType::real, 1.0, non_negative, {}, ""};
const Parameter time_quantity{"time", "ms", ParameterType::real, 1.0, positive, {}, ""};

/// Names become parts of paths, in messages and in result files.
bool is_plain_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c >= 0x80;
  });
}

bool check_name(const ConfigNode& node) {
  if (is_plain_name(node.key())) return true;
  node.report(fmt::format("'{}' is no name; expected letters, digits, '_' and '-'", node.key()));
  return false;
}

void check_port(const ConfigNode& node, const std::string& port, const NeuronModel& model) {
  if (port.empty()) return;
  std::vector<std::string> names;
  for (const auto& known : model.ports) names.emplace_back(known.name);
  if (std::ranges::find(names, port) != names.end()) return;
  node.report(fmt::format("{} is '{}', an unknown port of {}{}", node.path(), port, model.name,
                          suggestion(port, names)));
}

void check_runtime(const ConfigNode& node, const NeuronModel& model, const std::string& runtime) {
  const bool runs = runtime == "event" ? static_cast<bool>(model.make_event)
                                       : static_cast<bool>(model.make_clock_double);
  if (runs) return;
  node.report(fmt::format("{} is '{}', which does not run in the {} runtime; expected runtime {}",
                          node.path(), model.name, runtime,
                          runtime == "event" ? "clock" : "event"));
}

}  // namespace

const PopulationSpec* NetworkReader::population_at(const ConfigNode& node) const {
  const auto value = node.value();
  const auto* name = value ? std::get_if<std::string>(&*value) : nullptr;
  if (name == nullptr) {
    node.refuse("the name of a population");
    return nullptr;
  }
  const auto& known = plan_.network.populations();
  const auto found = std::ranges::find(known, *name, &PopulationSpec::name);
  if (found != known.end()) return &*found;
  if (std::ranges::find(names_, *name) == names_.end()) {
    node.report(fmt::format("{} is '{}', an unknown population{}", node.path(), *name,
                            suggestion(*name, names_)));
  }
  return nullptr;
}

void NetworkReader::circuit(const ConfigNode& node) {
  const auto chosen = read_chosen(node, circuits());
  if (chosen) {
    report_refusals(node, [&] {
      plan_.network =
          circuits()
              .at(chosen->name)
              .make(chosen->parameters, fmt::format("{}.{}", node.path(), chosen->name));
    });
  }
  for (const auto& population : plan_.network.populations()) names_.push_back(population.name);
}

void NetworkReader::populations(const ConfigNode& section) {
  const auto entries = section.entries("a map from names to populations");
  for (const auto& entry : entries) names_.emplace_back(entry.key());
  for (const auto& entry : entries) population(entry);
}

void NetworkReader::population(const ConfigNode& node) {
  const auto before = node.document().problem_count();
  if (!check_name(node)) return;
  const auto keys = read_struct<PopulationKeys>(
      node, {.required = {"model", "size"}, .others = {"parameters", "initial"}});
  const auto size = static_cast<std::size_t>(keys.size);
  if (keys.model.empty()) return;
  const auto name = read_name(node["model"], neuron_models());
  if (!name) return;
  const auto& model = neuron_models().at(*name);
  check_runtime(node["model"], model, plan_.options.runtime);

  PopulationSpec spec{.name = std::string(node.key()), .model = *name, .size = size};
  spec.parameters = read_model_parameters(node.section("parameters"), model.parameters, size, seed_,
                                          plan_.network.populations().size());
  std::vector<std::string> variables;
  for (const auto& variable : model.state) variables.push_back(variable.name);
  const auto initial = node["initial"];
  initial.allow_only(variables);
  for (const auto& variable : model.state) {
    const auto value = initial[variable.name];
    if (!value.exists()) continue;
    const Parameter quantity{
        variable.name, variable.unit, ParameterType::real, 0.0, any_real, {}, {}};
    if (auto source = read_source_per_neuron(value, quantity, size)) {
      spec.initial[variable.name] = std::move(source);
    }
  }
  if (node.document().problem_count() > before) return;
  report_refusals(node, [&] { plan_.network.add(std::move(spec)); });
}

void NetworkReader::projections(const ConfigNode& section) {
  for (const auto& item : section.items("a list of projections")) projection(item);
}

void NetworkReader::projection(const ConfigNode& node) {
  const auto before = node.document().problem_count();
  if (!node.is_map()) return node.refuse("a map with source, target, rule, weight and delay");
  const auto keys = read_struct<ProjectionKeys>(
      node,
      {.required = {"source", "target"}, .others = {"rule", "weight", "delay", "plasticity"}});
  const auto* source = node["source"].exists() ? population_at(node["source"]) : nullptr;
  const auto* target = node["target"].exists() ? population_at(node["target"]) : nullptr;

  ProjectionSpec spec{.name = keys.name,
                      .source = keys.source,
                      .target = keys.target,
                      .port = keys.port,
                      .autapses = keys.autapses,
                      .multapses = keys.multapses};
  const auto rule = node.required("rule", "a connection rule");
  if (rule.has_value()) {
    if (const auto chosen = read_chosen(rule, connection_rules())) {
      report_refusals(rule, [&] {
        spec.rule = connection_rules().at(chosen->name).make(chosen->parameters, rule.path());
      });
    }
  }
  const auto weight = node.required("weight", "a real number or a distribution");
  if (weight.has_value()) spec.weight = read_source_or_list(weight, weight_quantity);
  const auto delay = node.required("delay", "a real number at least 0 ms or a distribution");
  if (delay.has_value()) spec.delay = read_source_or_list(delay, delay_quantity);
  if (spec.weight && spec.weight->constant() && !std::isfinite(*spec.weight->constant())) {
    weight.refuse("a finite number");
  }
  if (spec.delay) check_delay(delay, *spec.delay);
  if (node["plasticity"].exists()) spec.plasticity = read_plasticity(node["plasticity"]);
  if (target != nullptr) {
    check_port(node["port"], keys.port, neuron_models().at(target->model));
  }
  if (node.document().problem_count() > before || source == nullptr || target == nullptr) return;
  report_refusals(node, [&] {
    plan_.network.add(std::move(spec));
    ++plan_.listed_projections;
  });
}

PlasticityPtr NetworkReader::read_plasticity(const ConfigNode& node) const {
  PlasticityPtr plasticity;
  const auto chosen = read_chosen(node, plasticity_rules());
  if (plan_.options.runtime == "event") {
    node.report(
        fmt::format("{} is given, but the event runtime changes no weights; expected "
                    "runtime clock",
                    node.path()));
  }
  if (!chosen) return plasticity;
  report_refusals(node, [&] {
    plasticity = plasticity_rules().at(chosen->name).make(chosen->parameters, node.path());
  });
  return plasticity;
}

/// On the grid a delay takes at least a step, or none at all, and no more than rows can store.
void NetworkReader::check_delay(const ConfigNode& node, const ValueSource& delay) const {
  const bool on_grid = plan_.options.runtime == "clock" || plan_.options.on_grid;
  const auto constant = delay.constant();
  if (!on_grid || !constant || *constant == 0.0) return;
  const double resolution = plan_.options.resolution;
  if (*constant < resolution * (1.0 - 1e-9)) {
    node.refuse(fmt::format("0 or at least the resolution, {} ms", resolution));
  }
  const double longest = TimeGrid(resolution).ms(longest_delay_in_steps);
  if (*constant > longest) {
    node.refuse(
        fmt::format("at most {} ms, {} steps of the resolution", longest, longest_delay_in_steps));
  }
}

void NetworkReader::devices(const ConfigNode& section) {
  for (const auto& entry : section.entries("a map from names to devices")) device(entry);
}

void NetworkReader::device(const ConfigNode& node) {
  const auto before = node.document().problem_count();
  if (!check_name(node)) return;
  if (!node.is_map()) return node.refuse("a map with model, target and parameters");
  const auto keys = read_struct<DeviceKeys>(
      node, {.required = {"model", "target"}, .others = {"parameters", "spike_times"}});
  const auto* target = node["target"].exists() ? population_at(node["target"]) : nullptr;
  if (!node["model"].exists()) return;
  const auto name = read_name(node["model"], stimulus_models());
  if (!name) return;
  const auto& model = stimulus_models().at(*name);
  StimulusSpec spec{
      .name = std::string(node.key()), .model = *name, .target = keys.target, .port = keys.port};
  spec.parameters = read_parameters(node.section("parameters"), model.parameters);
  if (target != nullptr) {
    check_port(node["port"], keys.port, neuron_models().at(target->model));
    spec.spike_times = read_spike_times(node, model, target->size);
  }
  if (node.document().problem_count() > before || target == nullptr) return;
  report_refusals(node, [&] {
    try_device(spec, target->size);
    plan_.network.add(std::move(spec));
  });
}

/// What only the device itself can check, it checks when it is made.
void NetworkReader::try_device(const StimulusSpec& spec, std::size_t targets) const {
  stimulus_models()
      .at(spec.model)
      .make({.parameters = spec.parameters,
             .spike_times = spec.spike_times,
             .targets = targets,
             .random = RandomStream(seed_, Purpose::stimulus),
             .grid = TimeGrid(plan_.options.resolution),
             .where = fmt::format("device '{}'", spec.name)});
}

/// One list of times for all targets, or a list of lists, one per target.
std::vector<std::vector<double>> NetworkReader::read_spike_times(const ConfigNode& device,
                                                                 const StimulusModel& model,
                                                                 std::size_t targets) const {
  const auto node = device["spike_times"];
  if (!model.takes_spike_times) {
    if (node.exists()) {
      node.report(fmt::format("{} is given, but {} replays no spikes", node.path(), model.name));
    }
    return {};
  }
  if (!node.has_value()) {
    node.refuse("a list of times, or one list for each neuron of the target");
    return {};
  }
  const auto items = node.items("a list of times, or one list for each neuron of the target");
  const bool nested = std::ranges::any_of(items, [](const auto& item) { return item.is_list(); });
  if (!nested) return std::vector(targets, read_numbers(node, time_quantity));
  std::vector<std::vector<double>> times;
  for (const auto& item : items) times.push_back(read_numbers(item, time_quantity));
  if (times.size() != targets) {
    node.report(fmt::format("{} has {} lists; expected one for each of the {} neurons of '{}'",
                            node.path(), times.size(), targets,
                            std::get<std::string>(*device["target"].value())));
  }
  return times;
}

}  // namespace ranvier
