#pragma once

/// Parameter values across the border.

#include <string>
#include <string_view>

#include <pybind11/pybind11.h>

#include "core/parameter.hpp"
#include "core/population.hpp"
#include "core/value_source.hpp"

namespace ranvier::bindings {

/// A Python or numpy scalar. Throws InvalidValue, naming `where`, for anything else.
Value to_value(pybind11::handle value, std::string_view where);

pybind11::object from_value(const Value& value);

/// A dict of scalars. Throws as `to_value`.
ValueMap to_values(const pybind11::dict& values, std::string_view where);

pybind11::dict from_values(const ValueMap& values);

/// A dict whose entries are scalars, or one-dimensional arrays with a value per neuron.
PopulationParameters to_population_parameters(const pybind11::dict& values, std::string_view where);

/// True for lists, tuples and arrays with dimensions: values per neuron or synapse.
bool is_array(pybind11::handle value);

/// One value per neuron. Throws InvalidValue, naming `where`, unless one-dimensional and numeric.
std::vector<double> to_column(pybind11::handle values, std::string_view where);

/// A number, an array of numbers, or a pair (name of a distribution, its parameters).
ValueSourcePtr to_value_source(pybind11::handle source, std::string_view where);

}  // namespace ranvier::bindings
