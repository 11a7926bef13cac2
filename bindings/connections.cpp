#include "bindings/connections.hpp"

#include <fmt/format.h>

#include "bindings/arrays.hpp"
#include "bindings/values.hpp"
#include "networks/connection_rules.hpp"
#include "networks/distribution.hpp"

namespace ranvier::bindings {

namespace py = pybind11;

ConnectionRulePtr to_connection_rule(const py::tuple& rule, std::string_view where) {
  if (!py::isinstance<py::str>(rule[0])) {
    return listed_synapses(copied(py::cast<ArrayIn<NeuronId>>(rule[0])),
                           copied(py::cast<ArrayIn<NeuronId>>(rule[1])));
  }
  const auto name = py::cast<std::string>(rule[0]);
  const auto place = fmt::format("{} of {}", name, where);
  return connection_rules().at(name).make(to_values(rule[1], place), place);
}

PlasticityPtr to_plasticity(const py::object& rule, std::string_view where) {
  if (rule.is_none()) return nullptr;
  const auto choice = py::cast<py::tuple>(rule);
  const auto name = py::cast<std::string>(choice[0]);
  const auto place = fmt::format("{} of {}", name, where);
  return plasticity_rules().at(name).make(to_values(choice[1], place), place);
}

ValueSourcePtr to_value_source(py::handle source, std::string_view where) {
  if (py::isinstance<py::tuple>(source)) {
    const auto distribution = py::reinterpret_borrow<py::tuple>(source);
    const auto name = py::cast<std::string>(distribution[0]);
    const auto place = fmt::format("{} for {}", name, where);
    return distributions().at(name).make(to_values(distribution[1], place), place);
  }
  if (is_array(source)) return listed_values(to_column(source, where));
  return constant_value(py::cast<double>(source));
}

}  // namespace ranvier::bindings
