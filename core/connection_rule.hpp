#pragma once

/// Which neurons a projection connects. Rules live in networks/connection_rules; the core only asks
/// them for the synapses onto a range of targets.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "core/population.hpp"
#include "core/random.hpp"

namespace ranvier {

/// One synapse. `key` names it within its projection: weights and delays are drawn by it.
struct Synapse {
  NeuronId source;
  NeuronId target;
  std::uint64_t key;
};

/// Key of the k-th synapse of an entity (a target, or a source, as the rule chooses).
inline std::uint64_t synapse_key(NeuronId entity, std::uint64_t k) {
  return static_cast<std::uint64_t>(entity) << 32 | k;
}

/// The pair of populations that a rule connects.
struct ConnectionProblem {
  std::size_t sources;
  std::size_t targets;
  bool same_population;
  bool autapses;   ///< may a neuron connect to itself (where source and target population are one)
  bool multapses;  ///< may a pair of neurons be connected more than once
  RandomStream random;
};

/// Takes synapses in batches.
using SynapseSink = std::function<void(std::span<const Synapse>)>;

class ConnectionRule {
 public:
  virtual ~ConnectionRule() = default;

  /// Throws InvalidValue, naming `where`, when the rule cannot be satisfied.
  virtual void check(const ConnectionProblem& problem, std::string_view where) const = 0;

  /// All synapses whose target lies in `targets`, in an order and with keys that depend on the
  /// problem only, not on the range: any partition of the targets yields the same synapses.
  virtual void generate(const ConnectionProblem& problem, NeuronRange targets,
                        const SynapseSink& sink) const = 0;

  /// How many keys there are where they count 0, 1, ...; nothing for other keys. Only synapses with
  /// such keys can have listed weights and delays.
  virtual std::optional<std::uint64_t> key_count(const ConnectionProblem& /*problem*/) const {
    return std::nullopt;
  }

  /// How many synapses to expect over all targets.
  virtual double expected_synapses(const ConnectionProblem& problem) const = 0;
};

using ConnectionRulePtr = std::shared_ptr<const ConnectionRule>;

}  // namespace ranvier
