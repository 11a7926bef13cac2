#include "experiments/simulate/plan.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/runtime/precision.hpp"
#include "core/suggest.hpp"
#include "core/time_grid.hpp"
#include "experiments/config/read.hpp"
#include "experiments/config/report_refusals.hpp"
#include "experiments/simulate/network_reader.hpp"

namespace ranvier {
namespace {

const Parameter neuron_quantity{"neuron", "", ParameterType::integer, std::int64_t{0}, non_negative,
                                {},       ""};

void read_time(const ConfigNode& root, SimulationPlan& plan) {
  const auto node = root.section("simulation");
  const auto time = read_struct<TimeSection>(node, {.required = {"duration"}});
  plan.options.runtime = time.runtime == 0 ? "clock" : "event";
  plan.options.resolution = time.resolution;
  plan.options.on_grid = time.grid;
  plan.options.precision = precisions[static_cast<std::size_t>(time.precision)];
  report_refusals(node["precision"], [&] { plan.options.precision = precision_of(plan.options); });
  plan.duration = time.duration;
  if (plan.options.runtime == "event" && !time.grid) return;
  try {
    TimeGrid(time.resolution).exact(time.duration, "duration");
  } catch (const InvalidValue&) {
    node["duration"].refuse(fmt::format("a multiple of the resolution, {} ms", time.resolution));
  }
}

void read_statistics(const ConfigNode& root, SimulationPlan& plan) {
  const auto node = root.section("statistics");
  plan.statistics = read_struct<StatisticsSection>(node);
  if (plan.statistics.after > 0.0 && plan.statistics.after >= plan.duration) {
    node["after"].refuse(fmt::format("less than simulation.duration, {} ms", plan.duration));
  }
}

/// `all`, `none` or a list of names; those of `known` that are meant. Unknown ones are reported.
std::vector<std::string> read_selection(const ConfigNode& node, std::string_view kind,
                                        const std::vector<std::string>& known) {
  const auto expected = fmt::format("all, none or a list of {}s", kind);
  if (node.is_scalar()) {
    const auto value = node.value();
    const auto* word = std::get_if<std::string>(&*value);
    if (word != nullptr && *word == "all") return known;
    if (word == nullptr || *word != "none") node.refuse(expected);
    return {};
  }
  std::vector<std::string> chosen;
  for (const auto& item : node.items(expected)) {
    const auto value = item.value();
    const auto* name = value ? std::get_if<std::string>(&*value) : nullptr;
    if (name == nullptr) {
      item.refuse(fmt::format("the name of a {}", kind));
    } else if (std::ranges::find(known, *name) == known.end()) {
      item.report(fmt::format("{} is '{}', an unknown {}{}", item.path(), *name, kind,
                              suggestion(*name, known)));
    } else {
      chosen.push_back(*name);
    }
  }
  return chosen;
}

std::vector<NeuronId> read_neurons(const ConfigNode& node, const PopulationSpec& population) {
  std::vector<NeuronId> neurons;
  for (const auto& item : node.items("a list of neurons, counted from 0")) {
    const auto value = read_value(item, neuron_quantity);
    if (!value) continue;
    const auto neuron = static_cast<std::uint64_t>(std::get<std::int64_t>(*value));
    if (neuron >= population.size) {
      item.refuse(
          fmt::format("a number below the size of '{}', {}", population.name, population.size));
    } else {
      neurons.push_back(static_cast<NeuronId>(neuron));
    }
  }
  return neurons;
}

std::vector<std::string> read_variables(const ConfigNode& node, const NeuronModel& model) {
  std::vector<std::string> known;
  for (const auto& variable : model.state) known.push_back(variable.name);
  if (!node.has_value()) {
    node.refuse("a list of state variables: " + comma_separated(known));
    return {};
  }
  return read_selection(node, "state variable", known);
}

void read_state_recorder(const ConfigNode& node, const NetworkReader& network,
                         SimulationPlan& plan) {
  const auto keys = read_struct<StateKeys>(
      node, {.required = {"population"}, .others = {"variables", "neurons"}});
  if (!node["population"].exists()) return;
  const auto* population = network.population_at(node["population"]);
  if (population == nullptr) return;
  StateRecorderSpec spec{.population = population->name, .interval = keys.interval};
  spec.variables = read_variables(node["variables"], neuron_models().at(population->model));
  spec.neurons = read_neurons(node["neurons"], *population);
  if (plan.options.runtime == "clock") {
    try {
      TimeGrid(plan.options.resolution).exact(keys.interval, "interval");
    } catch (const InvalidValue&) {
      node["interval"].refuse(
          fmt::format("a multiple of the resolution, {} ms", plan.options.resolution));
    }
  }
  plan.states.push_back(std::move(spec));
}

void read_record(const ConfigNode& root, const NetworkReader& network, SimulationPlan& plan) {
  const auto node = root.section("record");
  if (!node.is_map()) return node.refuse("a map of spikes, states, weights");
  const std::vector<std::string> keys{"spikes", "states", "weights"};
  node.allow_only(keys);
  node.fill_in("spikes", std::string("all"));
  node.fill_in("weights", std::string("none"));
  plan.spikes_of = read_selection(node["spikes"], "population", network.population_names());
  // A projection with something wrong in it has no name yet; that is reported already.
  if (root.document().problem_count() == 0) {
    std::vector<std::string> projections;
    for (const auto& spec : plan.network.projections()) projections.push_back(spec.name);
    plan.weights_of = read_selection(node["weights"], "projection", projections);
  }
  for (const auto& item : node["states"].items("a list of state recorders")) {
    read_state_recorder(item, network, plan);
  }
}

/// Projections without delay must not form a cycle.
void check_levels(const ConfigNode& projections, const Network& network) {
  try {
    levels_of(network);
  } catch (const InvalidValue& problem) {
    projections.report(problem.what());
  }
}

}  // namespace

SimulationPlan read_plan(const ConfigNode& root, std::uint64_t seed) {
  SimulationPlan plan;
  plan.options.seed = seed;
  read_time(root, plan);
  NetworkReader reader(plan, seed);
  if (root["circuit"].exists()) reader.circuit(root["circuit"]);
  const auto populations =
      root["circuit"].exists()
          ? root["populations"]
          : root.required("populations", "a map from names to populations, or a circuit");
  if (populations.is_map() && populations.entries("").empty()) {
    populations.refuse("at least one population");
  }
  reader.populations(populations);
  reader.projections(root["projections"]);
  reader.devices(root["devices"]);
  check_levels(root["projections"], plan.network);
  read_record(root, reader, plan);
  read_statistics(root, plan);
  const auto checkpoint = read_struct<CheckpointSection>(root.section("checkpoint"));
  plan.checkpoint_every = checkpoint.every;
  plan.keep_checkpoint = checkpoint.keep;
  return plan;
}

}  // namespace ranvier
