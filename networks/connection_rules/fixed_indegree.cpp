/// fixed_indegree: every target receives the same number of synapses from sources drawn at random.

#include "networks/connection_rules.hpp"
#include "networks/connection_rules/choose_partners.hpp"

namespace ranvier {
namespace {

class FixedIndegree final : public ConnectionRule {
 public:
  struct Parameters {
    std::int64_t indegree = 1;

    static std::vector<Field<Parameters>> fields() {
      return {integer("indegree", &Parameters::indegree, Bounds{.lower = 0.0, .upper = 4e9},
                      "synapses that every target receives")};
    }
  };
  explicit FixedIndegree(const Parameters& parameters)
      : indegree_(static_cast<std::uint64_t>(parameters.indegree)) {}

  void check(const ConnectionProblem& problem, std::string_view where) const override {
    check_degree(problem, indegree_, problem.sources, "indegree", where);
  }

  void generate(const ConnectionProblem& problem, NeuronRange targets,
                const SynapseSink& sink) const override {
    SynapseBatch batch(sink);
    PartnerChooser chooser(problem, problem.sources);
    for (NeuronId target = targets.begin; target < targets.end; ++target) {
      batch.add(chooser.choose(target, indegree_), target, synapse_key(target, 0));
    }
    batch.flush();
  }

  double expected_synapses(const ConnectionProblem& problem) const override {
    return static_cast<double>(indegree_) * static_cast<double>(problem.targets);
  }

 private:
  std::uint64_t indegree_;
};

const auto& registered = add_connection_rule<FixedIndegree>(
    "fixed_indegree", "the same number of random sources for every target");

}  // namespace
}  // namespace ranvier
