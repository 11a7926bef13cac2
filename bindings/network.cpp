#include "core/network.hpp"

#include <fmt/format.h>
#include <pybind11/stl.h>

#include "bindings/arrays.hpp"
#include "bindings/connections.hpp"
#include "bindings/modules.hpp"
#include "bindings/values.hpp"
#include "core/error.hpp"
#include "networks/circuit.hpp"

namespace ranvier::bindings {
namespace {

namespace py = pybind11;

void add_population(Network& network, const std::string& name, const std::string& model,
                    std::size_t size, const py::dict& parameters, const py::dict& initial) {
  const auto where = fmt::format("population '{}'", name);
  PopulationSpec spec{.name = name,
                      .model = model,
                      .size = size,
                      .parameters = to_population_parameters(parameters, where)};
  for (const auto& [key, source] : initial) {
    const auto variable = py::cast<std::string>(key);
    spec.initial.emplace(variable,
                         to_value_source(source, fmt::format("initial {} of {}", variable, where)));
  }
  network.add(std::move(spec));
}

std::string add_projection(Network& network, const std::string& name, const std::string& source,
                           const std::string& target, const py::tuple& rule, py::handle weight,
                           py::handle delay, const std::string& port, bool autapses, bool multapses,
                           const py::object& plasticity) {
  const auto where = name.empty() ? fmt::format("projection '{}->{}'", source, target)
                                  : fmt::format("projection '{}'", name);
  const auto index = network.add(
      ProjectionSpec{.name = name,
                     .source = source,
                     .target = target,
                     .rule = to_connection_rule(rule, where),
                     .weight = to_value_source(weight, fmt::format("the weight of {}", where)),
                     .delay = to_value_source(delay, fmt::format("the delay of {}", where)),
                     .port = port,
                     .autapses = autapses,
                     .multapses = multapses,
                     .plasticity = to_plasticity(plasticity, where)});
  return network.projections()[index].name;
}

/// One list of times per neuron of the target, or one list that all of them receive.
std::vector<std::vector<double>> to_spike_times(py::handle times, std::size_t targets,
                                                const std::string& where) {
  if (!is_array(times)) {
    throw InvalidValue(
        fmt::format("spike_times of {} is no list; expected times in ms, or one list of times per "
                    "neuron of the target",
                    where));
  }
  const auto lists = py::reinterpret_borrow<py::sequence>(times);
  bool nested = false;
  for (const auto& entry : lists) nested = nested || is_array(entry);
  if (!nested && lists.size() > 0) {
    return std::vector<std::vector<double>>(targets, to_column(times, "spike_times of " + where));
  }
  std::vector<std::vector<double>> result;
  for (const auto& entry : lists) {
    result.push_back(
        to_column(entry, fmt::format("the list {} of spike_times of {}", result.size(), where)));
  }
  return result;
}

std::size_t targets_of(const Network& network, std::string_view device) {
  for (const auto& stimulus : network.stimuli()) {
    if (stimulus.name != device) continue;
    return network.populations()[network.population_index(stimulus.target)].size;
  }
  return 0;
}

void add_stimulus(Network& network, const std::string& name, const std::string& model,
                  const std::string& target, const std::string& port, const py::dict& parameters,
                  const py::object& spike_times) {
  const auto where = fmt::format("device '{}'", name);
  StimulusSpec spec{.name = name,
                    .model = model,
                    .target = target,
                    .port = port,
                    .parameters = to_values(parameters, where)};
  if (!spike_times.is_none()) {
    const auto& population = network.populations()[network.population_index(target, where)];
    spec.spike_times = to_spike_times(spike_times, population.size, where);
  }
  network.add(std::move(spec));
}

py::list describe_populations(const Network& network) {
  py::list result;
  for (const auto& population : network.populations()) {
    auto parameters = from_values(population.parameters.common);
    for (const auto& [name, values] : population.parameters.per_neuron) {
      parameters[py::str(name)] = moved(std::vector<double>(values));
    }
    result.append(py::make_tuple(population.name, population.model, population.size, parameters));
  }
  return result;
}

py::list describe_projections(const Network& network) {
  py::list result;
  for (const auto& projection : network.projections()) {
    result.append(
        py::make_tuple(projection.name, projection.source, projection.target, projection.port));
  }
  return result;
}

py::list describe_stimuli(const Network& network) {
  py::list result;
  for (const auto& stimulus : network.stimuli()) {
    result.append(py::make_tuple(stimulus.name, stimulus.model, stimulus.target, stimulus.port,
                                 from_values(stimulus.parameters)));
  }
  return result;
}

Network make_circuit(const std::string& name, const py::dict& parameters) {
  return circuit(name, to_values(parameters, fmt::format("circuit '{}'", name)));
}

}  // namespace

std::vector<std::vector<double>> spike_times_for(const Network& network, const std::string& device,
                                                 const py::object& times) {
  return to_spike_times(times, targets_of(network, device), fmt::format("device '{}'", device));
}

void bind_network(py::module_& module) {
  py::class_<Network>(module, "Network")
      .def(py::init<>())
      .def(py::init<const Network&>())
      .def("add_population", &add_population)
      .def("add_projection", &add_projection)
      .def("add_stimulus", &add_stimulus)
      .def("populations", &describe_populations)
      .def("projections", &describe_projections)
      .def("stimuli", &describe_stimuli)
      .def("neurons", &Network::neurons);
  module.def("circuit", &make_circuit);
}

}  // namespace ranvier::bindings
