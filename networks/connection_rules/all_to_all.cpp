/// all_to_all: every source to every target. The key of a synapse is target * sources + source, its
/// place in a row-major weight matrix [target][source].

#include "networks/connection_rules.hpp"
#include "networks/connection_rules/synapse_batch.hpp"

namespace ranvier {
namespace {

class AllToAll final : public ConnectionRule {
 public:
  using Parameters = NoRuleParameters;
  explicit AllToAll(const Parameters& /*none*/) {}

  void check(const ConnectionProblem& /*problem*/, std::string_view /*where*/) const override {}

  void generate(const ConnectionProblem& problem, NeuronRange targets,
                const SynapseSink& sink) const override {
    SynapseBatch batch(sink);
    for (NeuronId target = targets.begin; target < targets.end; ++target) {
      const auto row = static_cast<std::uint64_t>(target) * problem.sources;
      for (NeuronId source = 0; source < problem.sources; ++source) {
        if (!is_forbidden_autapse(problem, source, target)) {
          batch.add(source, target, row + source);
        }
      }
    }
    batch.flush();
  }

  std::optional<std::uint64_t> key_count(const ConnectionProblem& problem) const override {
    return static_cast<std::uint64_t>(problem.targets) * problem.sources;
  }

  double expected_synapses(const ConnectionProblem& problem) const override {
    return static_cast<double>(partners(problem, problem.sources)) *
           static_cast<double>(problem.targets);
  }
};

const auto& registered =
    add_connection_rule<AllToAll>("all_to_all", "every source to every target");

}  // namespace
}  // namespace ranvier
