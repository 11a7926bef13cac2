/// one_to_one: neuron i to neuron i. Needs populations of equal size.

#include <fmt/format.h>

#include "core/error.hpp"
#include "networks/connection_rules.hpp"
#include "networks/connection_rules/synapse_batch.hpp"

namespace ranvier {
namespace {

class OneToOne final : public ConnectionRule {
 public:
  using Parameters = NoRuleParameters;
  explicit OneToOne(const Parameters& /*none*/) {}

  void check(const ConnectionProblem& problem, std::string_view where) const override {
    if (problem.sources == problem.targets) return;
    throw InvalidValue(
        fmt::format("{} connects {} neurons to {} one to one; expected populations of equal size",
                    where, problem.sources, problem.targets));
  }

  void generate(const ConnectionProblem& problem, NeuronRange targets,
                const SynapseSink& sink) const override {
    SynapseBatch batch(sink);
    for (NeuronId i = targets.begin; i < targets.end; ++i) {
      if (!is_forbidden_autapse(problem, i, i)) batch.add(i, i, i);
    }
    batch.flush();
  }

  std::optional<std::uint64_t> key_count(const ConnectionProblem& problem) const override {
    return problem.targets;
  }

  double expected_synapses(const ConnectionProblem& problem) const override {
    const bool none = problem.same_population && !problem.autapses;
    return none ? 0.0 : static_cast<double>(problem.targets);
  }
};

const auto& registered =
    add_connection_rule<OneToOne>("one_to_one", "neuron i to neuron i of an equal population");

}  // namespace
}  // namespace ranvier
