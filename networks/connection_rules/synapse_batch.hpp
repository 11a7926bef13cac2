#pragma once

/// Hands synapses on in batches, so that a rule's loop calls its sink once per thousand of them.

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "core/connection_rule.hpp"
#include "core/parameter.hpp"
#include "core/value_source.hpp"

namespace ranvier {

class SynapseBatch {
 public:
  explicit SynapseBatch(const SynapseSink& sink) : sink_(sink), synapses_(capacity) {}
  SynapseBatch(const SynapseBatch&) = delete;
  SynapseBatch& operator=(const SynapseBatch&) = delete;

  void add(NeuronId source, NeuronId target, std::uint64_t key) {
    synapses_[size_++] = {source, target, key};
    if (size_ == capacity) flush();
  }

  /// The same, if `wanted`; without a branch, as chance would have it taken or not.
  void add_if(bool wanted, NeuronId source, NeuronId target, std::uint64_t key) {
    synapses_[size_] = {source, target, key};
    size_ += wanted ? 1 : 0;
    if (size_ == capacity) flush();
  }

  /// Synapses of one target, with keys that count on from `first_key`.
  void add(std::span<const NeuronId> sources, NeuronId target, std::uint64_t first_key) {
    for (std::size_t begin = 0; begin < sources.size();) {
      const auto count = std::min(sources.size() - begin, capacity - size_);
      Synapse* const free = synapses_.data() + size_;
      for (std::size_t k = 0; k < count; ++k) {
        free[k] = {sources[begin + k], target, first_key + begin + k};
      }
      begin += count;
      size_ += count;
      if (size_ == capacity) flush();
    }
  }

  /// To be called once at the end.
  void flush() {
    if (size_ > 0) sink_(std::span<const Synapse>(synapses_).first(size_));
    size_ = 0;
  }

 private:
  static constexpr std::size_t capacity = ValueSource::preferred_block;

  const SynapseSink& sink_;
  std::vector<Synapse> synapses_;
  std::size_t size_ = 0;
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
