#pragma once

/// Hands synapses on in batches, so that a rule's loop calls its sink once per thousand of them.

#include <cstddef>
#include <vector>

#include "core/connection_rule.hpp"
#include "core/parameter.hpp"

namespace ranvier {

class SynapseBatch {
 public:
  explicit SynapseBatch(const SynapseSink& sink) : sink_(sink) { synapses_.reserve(capacity); }
  SynapseBatch(const SynapseBatch&) = delete;
  SynapseBatch& operator=(const SynapseBatch&) = delete;

  void add(NeuronId source, NeuronId target, std::uint64_t key) {
    synapses_.push_back({source, target, key});
    if (synapses_.size() == capacity) flush();
  }

  /// To be called once at the end.
  void flush() {
    if (!synapses_.empty()) sink_(synapses_);
    synapses_.clear();
  }

 private:
  static constexpr std::size_t capacity = 1024;

  const SynapseSink& sink_;
  std::vector<Synapse> synapses_;
};

/// Parameters of a rule that has none.
struct NoRuleParameters {
  static std::vector<Field<NoRuleParameters>> fields() { return {}; }
};

/// Whether the problem forbids this pair for being one neuron.
inline bool is_forbidden_autapse(const ConnectionProblem& problem, NeuronId source,
                                 NeuronId target) {
  return problem.same_population && !problem.autapses && source == target;
}

/// How many partners a neuron may choose among.
inline std::size_t partners(const ConnectionProblem& problem, std::size_t population) {
  return population - (problem.same_population && !problem.autapses ? 1 : 0);
}

}  // namespace ranvier
