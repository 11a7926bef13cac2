#pragma once

/// Published networks by name. A circuit is a function from its parameters to a Network, one file
/// each in networks/circuits; it registers itself from its own file.

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/network.hpp"
#include "core/parameter.hpp"
#include "core/registry.hpp"

namespace ranvier {

/// A circuit as its registry holds it. `make` throws UnknownName or InvalidValue naming `where`.
struct CircuitKind {
  std::string name;
  std::string summary;
  std::string source;
  std::vector<Parameter> parameters;
  std::function<Network(const ValueMap&, std::string_view where)> make;
};

/// potjans_diesmann; and those of plugins.
Registry<CircuitKind>& circuits();

/// Registers a function that makes a Network from `P` and the place to name in errors.
template <class P>
const CircuitKind& add_circuit(std::string name, std::string summary, std::string source,
                               Network (*build)(const P&, std::string_view where)) {
  CircuitKind kind;
  kind.name = std::move(name);
  kind.summary = std::move(summary);
  kind.source = std::move(source);
  kind.parameters = parameters_of<P>();
  kind.make = [build](const ValueMap& values, std::string_view where) {
    return build(configured<P>(values, where), where);
  };
  auto key = kind.name;
  return circuits().add(std::move(key), std::move(kind));
}

/// The circuit of that name; parameters that are not given have their defaults.
Network circuit(std::string_view name, const ValueMap& parameters = {});

}  // namespace ranvier
