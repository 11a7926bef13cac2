/// fixed_outdegree: every source sends the same number of synapses to targets drawn at random.
/// Draws belong to the source, so whoever owns a range of targets draws all and keeps its own.

#include "networks/connection_rules.hpp"
#include "networks/connection_rules/choose_partners.hpp"

namespace ranvier {
namespace {

class FixedOutdegree final : public ConnectionRule {
 public:
  struct Parameters {
    std::int64_t outdegree = 1;

    static std::vector<Field<Parameters>> fields() {
      return {integer("outdegree", &Parameters::outdegree, Bounds{.lower = 0.0, .upper = 4e9},
                      "synapses that every source sends")};
    }
  };
  explicit FixedOutdegree(const Parameters& parameters)
      : outdegree_(static_cast<std::uint64_t>(parameters.outdegree)) {}

  void check(const ConnectionProblem& problem, std::string_view where) const override {
    check_degree(problem, outdegree_, problem.targets, "outdegree", where);
  }

  void generate(const ConnectionProblem& problem, NeuronRange targets,
                const SynapseSink& sink) const override {
    SynapseBatch batch(sink);
    PartnerChooser chooser(problem, problem.targets);
    for (NeuronId source = 0; source < problem.sources; ++source) {
      std::uint64_t k = 0;
      for (const auto target : chooser.choose(source, outdegree_)) {
        const bool is_mine = target - targets.begin < targets.end - targets.begin;
        batch.add_if(is_mine, source, target, synapse_key(source, k));
        ++k;
      }
    }
    batch.flush();
  }

  double expected_synapses(const ConnectionProblem& problem) const override {
    return static_cast<double>(outdegree_) * static_cast<double>(problem.sources);
  }

 private:
  std::uint64_t outdegree_;
};

const auto& registered = add_connection_rule<FixedOutdegree>(
    "fixed_outdegree", "the same number of random targets for every source");

}  // namespace
}  // namespace ranvier
