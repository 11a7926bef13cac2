#pragma once

/// What the registries hold, as Python dictionaries.

#include <vector>

#include <pybind11/pybind11.h>

#include "core/parameter.hpp"
#include "core/registry.hpp"

namespace ranvier::bindings {

/// [{name, unit, type, default, bounds, choices, doc}, ...] in the order of the declaration.
pybind11::list describe_parameters(const std::vector<Parameter>& parameters);

/// {name: {name, summary, source, parameters}} of a registry whose entries have these members.
template <class Entry>
pybind11::dict describe_registry(const Registry<Entry>& registry) {
  pybind11::dict entries;
  for (const auto& [name, entry] : registry) {
    pybind11::dict described;
    described["name"] = name;
    described["kind"] = registry.kind();
    described["summary"] = entry.summary;
    if constexpr (requires { entry.source; }) described["source"] = entry.source;
    if constexpr (requires { entry.equations; }) described["equations"] = entry.equations;
    if constexpr (requires { entry.parameters; }) {
      described["parameters"] = describe_parameters(entry.parameters);
    }
    entries[pybind11::str(name)] = described;
  }
  return entries;
}

}  // namespace ranvier::bindings
