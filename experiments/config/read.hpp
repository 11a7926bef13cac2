#pragma once

/// Reads what parameters declare from a configuration.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "core/registry.hpp"
#include "core/suggest.hpp"
#include "experiments/config/node.hpp"

namespace ranvier {

/// "a real number greater than 0 ms": what to write for a parameter.
std::string expected_of(const Parameter& parameter);

/// What a map may hold beside the parameters themselves.
struct MapKeys {
  std::vector<std::string> required{};  ///< parameters that have no sensible default
  std::vector<std::string> others{};    ///< keys that somebody else reads
};

/// The value of one parameter at `node`, in the parameter's own type. A missing one yields the
/// default; a wrong one is reported and yields nothing.
std::optional<Value> read_value(const ConfigNode& node, const Parameter& parameter);

/// The parameters given in a map. Reports unknown keys with the nearest known one, values of the
/// wrong type or out of bounds, missing required ones. The result holds those that were given and
/// are right; what is missing is filled into the tree with its default. A missing map is an empty
/// one.
ValueMap read_parameters(const ConfigNode& map, std::span<const Parameter> parameters,
                         const MapKeys& keys = {});

/// The same into the struct that declares them.
template <class P>
P read_struct(const ConfigNode& map, const MapKeys& keys = {}) {
  return configured<P>(read_parameters(map, parameters_of<P>(), keys), map.path());
}

/// A thing of a registry with its parameters.
struct Chosen {
  std::string name;
  ValueMap parameters;
};

/// The node that chooses: a bare name, `all_to_all`, for all defaults, or a map of one name to its
/// parameters, `{fixed_indegree: {indegree: 100}}`. Returns the name and where its parameters are;
/// reports anything else, a name that is not in `names` with the nearest one.
std::optional<std::pair<std::string, ConfigNode>> read_choice(const ConfigNode& node,
                                                              std::string_view kind,
                                                              std::span<const std::string> names);

/// Reads a choice with its parameters; `Entry` has a list `parameters`. Nothing where the name or
/// any parameter is wrong.
template <class Entry>
std::optional<Chosen> read_chosen(const ConfigNode& node, const Registry<Entry>& registry) {
  const auto choice = read_choice(node, registry.kind(), registry.names());
  if (!choice) return std::nullopt;
  const auto before = node.document().problem_count();
  auto parameters = read_parameters(choice->second, registry.at(choice->first).parameters);
  if (node.document().problem_count() > before) return std::nullopt;
  return Chosen{choice->first, std::move(parameters)};
}

/// A choice that may be left out: `into`, which has a name and parameters, then stays as it is.
template <class Entry, class Into>
void read_optional_choice(const ConfigNode& node, const Registry<Entry>& registry, Into& into) {
  if (!node.exists()) return;
  if (auto chosen = read_chosen(node, registry)) {
    into = {std::move(chosen->name), std::move(chosen->parameters)};
  }
}

/// A name of the registry, nothing (and a report) for any other.
template <class Entry>
std::optional<std::string> read_name(const ConfigNode& node, const Registry<Entry>& registry) {
  const auto expected = fmt::format("the name of a {}", registry.kind());
  const auto value = node.value();
  const auto* name = value ? std::get_if<std::string>(&*value) : nullptr;
  if (name == nullptr) {
    node.refuse(expected);
    return std::nullopt;
  }
  if (!registry.contains(*name)) {
    node.report(fmt::format("{} is '{}', an unknown {}{}", node.path(), *name, registry.kind(),
                            suggestion(*name, registry.names())));
    return std::nullopt;
  }
  return *name;
}

/// Numbers of a list, each within what `parameter` allows; wrong ones are reported. A single number
/// is a list of one.
std::vector<double> read_numbers(const ConfigNode& node, const Parameter& parameter);

/// Texts of a list; wrong items are reported.
std::vector<std::string> read_texts(const ConfigNode& node, std::string_view expected);

}  // namespace ranvier
