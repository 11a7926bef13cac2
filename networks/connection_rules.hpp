#pragma once

/// Connection rules by name. The rules themselves are one file each in networks/connection_rules;
/// a rule registers itself from its own file.

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/connection_rule.hpp"
#include "core/parameter.hpp"
#include "core/registry.hpp"

namespace ranvier {

/// A rule as its registry holds it. `make` throws UnknownName or InvalidValue naming `where`.
struct ConnectionRuleKind {
  std::string name;
  std::string summary;
  std::vector<Parameter> parameters;
  std::function<ConnectionRulePtr(const ValueMap&, std::string_view where)> make;
};

/// one_to_one, all_to_all, pairwise_bernoulli, fixed_indegree, fixed_outdegree, fixed_total_number,
/// edge_list; and those of plugins.
Registry<ConnectionRuleKind>& connection_rules();

/// Registers a rule class with `Parameters` and a constructor that takes them.
template <class Rule>
const ConnectionRuleKind& add_connection_rule(std::string name, std::string summary) {
  using P = typename Rule::Parameters;
  const auto make = [](const ValueMap& values, std::string_view where) -> ConnectionRulePtr {
    return std::make_shared<Rule>(configured<P>(values, where));
  };
  auto key = name;
  return connection_rules().add(std::move(key),
                                {std::move(name), std::move(summary), parameters_of<P>(), make});
}

/// The rule of that name with its default parameters.
ConnectionRulePtr connection_rule(std::string_view name, const ValueMap& parameters = {});

/// Synapses listed one by one: the k-th connects sources[k] to targets[k] and has key k. Throws
/// InvalidValue unless both have the same length.
ConnectionRulePtr listed_synapses(std::vector<NeuronId> sources, std::vector<NeuronId> targets);

}  // namespace ranvier
