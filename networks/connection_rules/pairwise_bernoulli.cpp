/// pairwise_bernoulli: every pair is connected with probability p, independently. Between one
/// connected source of a target and the next lie geometrically many that are not, so the work is
/// that of the synapses and not that of the pairs.

#include <cmath>

#include "networks/connection_rules.hpp"
#include "networks/connection_rules/synapse_batch.hpp"

namespace ranvier {
namespace {

class PairwiseBernoulli final : public ConnectionRule {
 public:
  struct Parameters {
    double p = 0.1;

    static std::vector<Field<Parameters>> fields() {
      return {real("p", &Parameters::p, "", unit_interval, "probability that a pair is connected")};
    }
  };
  explicit PairwiseBernoulli(const Parameters& parameters) : p_(parameters.p) {}

  void check(const ConnectionProblem& /*problem*/, std::string_view /*where*/) const override {}

  void generate(const ConnectionProblem& problem, NeuronRange targets,
                const SynapseSink& sink) const override {
    if (p_ == 0.0) return;
    SynapseBatch batch(sink);
    // log(1 - p) is -inf at p = 1: every gap is then 0.
    const double log_miss = std::log1p(-p_);
    for (NeuronId target = targets.begin; target < targets.end; ++target) {
      auto draws = problem.random.at(target, 0);
      const auto gap = [&] { return std::floor(std::log(draws.uniform()) / log_miss); };
      double source = gap();
      for (std::uint64_t k = 0; source < static_cast<double>(problem.sources); ++k) {
        const auto found = static_cast<NeuronId>(source);
        if (!is_forbidden_autapse(problem, found, target)) {
          batch.add(found, target, synapse_key(target, k));
        }
        source += 1.0 + gap();
      }
    }
    batch.flush();
  }

  double expected_synapses(const ConnectionProblem& problem) const override {
    return p_ * static_cast<double>(partners(problem, problem.sources)) *
           static_cast<double>(problem.targets);
  }

 private:
  double p_;
};

const auto& registered = add_connection_rule<PairwiseBernoulli>(
    "pairwise_bernoulli", "every pair with the same probability, independently");

}  // namespace
}  // namespace ranvier
