#include "bindings/values.hpp"

#include <cmath>
#include <variant>

#include <fmt/format.h>

#include "bindings/arrays.hpp"
#include "core/error.hpp"

namespace ranvier::bindings {
namespace {

namespace py = pybind11;

std::string type_name(py::handle value) {
  return py::cast<std::string>(py::type::of(value).attr("__name__"));
}

/// numpy scalars and arrays without dimensions as Python's own numbers.
py::object plain(py::handle value) {
  const auto object = py::reinterpret_borrow<py::object>(value);
  const bool numpy_scalar = py::hasattr(value, "dtype") && py::hasattr(value, "item") &&
                            py::cast<int>(value.attr("ndim")) == 0;
  return numpy_scalar ? object.attr("item")() : object;
}

}  // namespace

Value to_value(py::handle value, std::string_view where) {
  const auto object = plain(value);
  if (py::isinstance<py::bool_>(object)) return py::cast<bool>(object);
  if (py::isinstance<py::int_>(object)) {
    const auto number = PyLong_AsLongLong(object.ptr());
    if (number == -1 && PyErr_Occurred() != nullptr) {
      PyErr_Clear();
      throw InvalidValue(fmt::format("{} is a whole number that does not fit 64 bits", where));
    }
    return static_cast<std::int64_t>(number);
  }
  if (py::isinstance<py::float_>(object)) return py::cast<double>(object);
  if (py::isinstance<py::str>(object)) return py::cast<std::string>(object);
  throw InvalidValue(fmt::format("{} is of type {}; expected a number, a truth value or a text",
                                 where, type_name(value)));
}

py::object from_value(const Value& value) {
  return std::visit([](const auto& held) -> py::object { return py::cast(held); }, value);
}

ValueMap to_values(const py::dict& values, std::string_view where) {
  ValueMap map;
  for (const auto& [key, value] : values) {
    auto name = py::cast<std::string>(key);
    auto converted = to_value(value, fmt::format("'{}' of {}", name, where));
    map.emplace(std::move(name), std::move(converted));
  }
  return map;
}

py::dict from_values(const ValueMap& values) {
  py::dict result;
  for (const auto& [name, value] : values) result[py::str(name)] = from_value(value);
  return result;
}

bool is_array(py::handle value) {
  if (py::isinstance<py::str>(value)) return false;
  if (py::hasattr(value, "ndim")) return py::cast<int>(value.attr("ndim")) > 0;
  return py::isinstance<py::sequence>(value);
}

std::vector<double> to_column(py::handle values, std::string_view where) {
  const auto array = ArrayIn<double>::ensure(values);
  if (!array) {
    PyErr_Clear();
    throw InvalidValue(fmt::format("{} is of type {}; expected numbers", where, type_name(values)));
  }
  if (array.ndim() != 1) {
    throw InvalidValue(
        fmt::format("{} has {} dimensions; expected one value per neuron", where, array.ndim()));
  }
  return copied(array);
}

PopulationParameters to_population_parameters(const py::dict& values, std::string_view where) {
  PopulationParameters parameters;
  for (const auto& [key, value] : values) {
    auto name = py::cast<std::string>(key);
    const auto place = fmt::format("'{}' of {}", name, where);
    if (is_array(value)) {
      parameters.per_neuron.emplace(std::move(name), to_column(value, place));
    } else {
      parameters.common.emplace(std::move(name), to_value(value, place));
    }
  }
  return parameters;
}

}  // namespace ranvier::bindings
