#include "bindings/catalogue.hpp"

#include <fmt/format.h>
#include <pybind11/stl.h>

#include "bindings/modules.hpp"
#include "bindings/values.hpp"
#include "core/error.hpp"
#include "core/neuron_model.hpp"
#include "core/plasticity.hpp"
#include "core/plugin.hpp"
#include "core/stimulus.hpp"
#include "core/suggest.hpp"
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
#include "plasticity/rate_regularisation.hpp"
#include "plasticity/schedule.hpp"
#include "plasticity/surrogate.hpp"
#include "plasticity/weight_rule.hpp"

namespace ranvier::bindings {
namespace {

namespace py = pybind11;

py::dict describe_models() {
  auto entries = describe_registry(neuron_models());
  for (const auto& [name, model] : neuron_models()) {
    auto entry = py::cast<py::dict>(entries[py::str(name)]);
    py::list state;
    for (const auto& variable : model.state) {
      state.append(py::make_tuple(variable.name, variable.unit, variable.doc));
    }
    py::list ports;
    for (const auto& port : model.ports)
      ports.append(py::make_tuple(port.name, port.unit, port.doc));
    py::list runtimes;
    if (model.make_clock_double) runtimes.append("clock");
    if (model.make_event) runtimes.append("event");
    if (model.make_gradient_float) runtimes.append("gradient");
    entry["state"] = state;
    entry["ports"] = ports;
    entry["runtimes"] = runtimes;
  }
  return entries;
}

py::dict describe_devices() {
  auto entries = describe_registry(stimulus_models());
  for (const auto& [name, device] : stimulus_models()) {
    entries[py::str(name)]["takes_spike_times"] = device.takes_spike_times;
  }
  return entries;
}

py::dict catalogue() {
  py::dict kinds;
  kinds["models"] = describe_models();
  kinds["devices"] = describe_devices();
  kinds["circuits"] = describe_registry(circuits());
  kinds["rules"] = describe_registry(connection_rules());
  kinds["distributions"] = describe_registry(distributions());
  kinds["plasticity"] = describe_registry(plasticity_rules());
  kinds["encodings"] = describe_registry(encodings());
  kinds["layers"] = describe_registry(layer_kinds());
  kinds["activations"] = describe_registry(activations());
  kinds["surrogates"] = describe_registry(surrogates());
  kinds["losses"] = describe_registry(losses());
  kinds["exit_rules"] = describe_registry(agent::exit_rules());
  kinds["optimisers"] = describe_registry(optimisers());
  kinds["schedules"] = describe_registry(schedules());
  kinds["weight_rules"] = describe_registry(weight_rules());
  kinds["error_transports"] = describe_registry(error_transports());
  kinds["credit_rules"] = describe_registry(credit_rules());
  return kinds;
}

/// The declared parameters of an entry; throws UnknownName where there is no such entry.
const std::vector<Parameter>& parameters_of_entry(const std::string& kind,
                                                  const std::string& name) {
  if (kind == "models") return neuron_models().at(name).parameters;
  if (kind == "devices") return stimulus_models().at(name).parameters;
  if (kind == "circuits") return circuits().at(name).parameters;
  if (kind == "rules") return connection_rules().at(name).parameters;
  if (kind == "distributions") return distributions().at(name).parameters;
  if (kind == "plasticity") return plasticity_rules().at(name).parameters;
  if (kind == "encodings") return encodings().at(name).parameters;
  if (kind == "layers") return layer_kinds().at(name).parameters;
  if (kind == "activations") return activations().at(name).parameters;
  if (kind == "surrogates") return surrogates().at(name).parameters;
  if (kind == "losses") return losses().at(name).parameters;
  if (kind == "exit_rules") return agent::exit_rules().at(name).parameters;
  if (kind == "optimisers") return optimisers().at(name).parameters;
  if (kind == "schedules") return schedules().at(name).parameters;
  if (kind == "weight_rules") return weight_rules().at(name).parameters;
  if (kind == "error_transports") return error_transports().at(name).parameters;
  throw UnknownName(fmt::format("unknown kind '{}'", kind));
}

/// Arrays, with a value per neuron, are checked where their number is known.
void check_parameters(const std::string& kind, const std::string& name, const py::dict& values) {
  const auto& declared = parameters_of_entry(kind, name);
  for (const auto& [key, value] : values) {
    const auto& parameter = find(declared, py::cast<std::string>(key), name);
    if (is_array(value)) continue;
    checked(parameter, to_value(value, fmt::format("'{}' of {}", parameter.name, name)), name);
  }
}

}  // namespace

py::list describe_parameters(const std::vector<Parameter>& parameters) {
  py::list list;
  for (const auto& parameter : parameters) {
    py::dict entry;
    entry["name"] = parameter.name;
    entry["unit"] = parameter.unit;
    entry["type"] = to_string(parameter.type);
    entry["default"] = from_value(parameter.default_value);
    entry["expected"] = expectation(parameter);
    entry["choices"] = parameter.choices;
    entry["doc"] = parameter.doc;
    list.append(entry);
  }
  return list;
}

void bind_catalogue(py::module_& module) {
  module.def("catalogue", &catalogue);
  module.def("check_parameters", &check_parameters);
  module.def("suggestion", [](const std::string& name, const std::vector<std::string>& valid) {
    return suggestion(name, valid);
  });
  module.def("load_plugin", [](const std::string& path) { load_plugin(path); });
}

}  // namespace ranvier::bindings
