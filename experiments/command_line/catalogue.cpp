#include "experiments/command_line/catalogue.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/neuron_model.hpp"
#include "core/plasticity.hpp"
#include "core/registry.hpp"
#include "core/stimulus.hpp"
#include "experiments/datasets/dataset.hpp"
#include "experiments/experiment.hpp"
#include "networks/agent/exit_rule.hpp"
#include "networks/circuit.hpp"
#include "networks/connection_rules.hpp"
#include "networks/distribution.hpp"
#include "networks/encoding.hpp"
#include "networks/layers/layer.hpp"
#include "networks/stages/activation.hpp"
#include "plasticity/credit.hpp"
#include "plasticity/error_transport.hpp"
#include "plasticity/loss.hpp"
#include "plasticity/optimiser.hpp"
#include "plasticity/schedule.hpp"
#include "plasticity/surrogate.hpp"
#include "plasticity/weight_rule.hpp"

namespace ranvier {
namespace {

template <class Entry>
DescribedEntry described(const std::string& name, const Entry& entry) {
  DescribedEntry result{.name = name, .summary = entry.summary};
  if constexpr (requires { entry.equations; }) result.equations = entry.equations;
  if constexpr (requires { entry.source; }) result.source = entry.source;
  if constexpr (requires { entry.parameters; }) result.parameters = entry.parameters;
  return result;
}

DescribedEntry described(const std::string& name, const NeuronModel& model) {
  DescribedEntry result{.name = name,
                        .summary = model.summary,
                        .equations = model.equations,
                        .source = model.source,
                        .parameters = model.parameters};
  for (const auto& variable : model.state) {
    result.state.push_back({variable.name, variable.unit, variable.doc});
  }
  for (const auto& port : model.ports) {
    result.ports.push_back({std::string(port.name), std::string(port.unit), std::string(port.doc)});
  }
  if (model.make_clock_double) result.runtimes.emplace_back("clock");
  if (model.make_event) result.runtimes.emplace_back("event");
  if (model.make_gradient_float) result.runtimes.emplace_back("gradient");
  return result;
}

template <class Entry>
DescribedKind described(std::string kind, const Registry<Entry>& registry) {
  DescribedKind result{std::move(kind), registry.kind(), {}};
  for (const auto& [name, entry] : registry) result.entries.push_back(described(name, entry));
  return result;
}

DescribedKind runtimes() {
  return {
      "runtimes",
      "runtime",
      {{.name = "clock", .summary = "fixed steps for neurons, event-driven synapses"},
       {.name = "event", .summary = "nothing moves until an event touches it"},
       {.name = "gradient", .summary = "fixed steps, batched, forward then backward: training"}}};
}

std::string table_of(const std::vector<DescribedItem>& items) {
  std::size_t width = 0;
  for (const auto& item : items) width = std::max(width, item.name.size());
  std::string text;
  for (const auto& item : items) {
    text += fmt::format("  {:<{}}  {:<4}  {}\n", item.name, width, item.unit, item.doc);
  }
  return text;
}

std::string table_of(const std::vector<Parameter>& parameters) {
  std::size_t name_width = 0, default_width = 0;
  for (const auto& parameter : parameters) {
    name_width = std::max(name_width, parameter.name.size());
    default_width = std::max(default_width, to_string(parameter.default_value).size());
  }
  std::string text;
  for (const auto& parameter : parameters) {
    text += fmt::format("  {:<{}}  {:>{}} {:<4}  {}: {}\n", parameter.name, name_width,
                        to_string(parameter.default_value), default_width, parameter.unit,
                        parameter.doc, expectation(parameter));
  }
  return text;
}

}  // namespace

std::vector<DescribedKind> catalogue() {
  return {described("models", neuron_models()),
          described("devices", stimulus_models()),
          described("circuits", circuits()),
          described("rules", connection_rules()),
          described("distributions", distributions()),
          described("plasticity", plasticity_rules()),
          runtimes(),
          described("experiments", experiments()),
          described("encodings", encodings()),
          described("layers", layer_kinds()),
          described("activations", activations()),
          described("surrogates", surrogates()),
          described("losses", losses()),
          described("exit_rules", agent::exit_rules()),
          described("optimisers", optimisers()),
          described("schedules", schedules()),
          described("weight_rules", weight_rules()),
          described("error_transports", error_transports()),
          described("credit_rules", credit_rules()),
          described("datasets", data_sets())};
}

std::string page_of(const DescribedKind& kind, const DescribedEntry& entry) {
  std::string text = fmt::format("{} ({}): {}\n", entry.name, kind.singular, entry.summary);
  const auto section = [&](std::string_view title, const std::string& body) {
    if (!body.empty()) text += fmt::format("\n{}\n{}", title, body);
  };
  std::string equations = entry.equations;
  for (auto at = equations.find("; "); at != std::string::npos; at = equations.find("; ")) {
    equations.replace(at, 2, "\n  ");
  }
  section("Equations", equations.empty() ? "" : "  " + equations + "\n");
  section("Parameters: default, unit, meaning: what is allowed", table_of(entry.parameters));
  section("Ports", table_of(entry.ports));
  section("State", table_of(entry.state));
  std::string list;
  for (const auto& runtime : entry.runtimes) list += (list.empty() ? "" : ", ") + runtime;
  section("Runtimes", list.empty() ? "" : "  " + list + "\n");
  section("Source", entry.source.empty() ? "" : "  " + entry.source + "\n");
  return text;
}

}  // namespace ranvier
