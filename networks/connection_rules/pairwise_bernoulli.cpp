/// pairwise_bernoulli: every pair is connected with probability p, independently. Between one
/// connected source of a target and the next lie geometrically many that are not, so the work is
/// that of the synapses and not that of the pairs.

#include <array>
#include <cmath>

#include "core/lane_math.hpp"
#include "networks/connection_rules.hpp"
#include "networks/connection_rules/synapse_batch.hpp"
#include "networks/connection_rules/word_blocks.hpp"

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
    for (NeuronId target = targets.begin; target < targets.end; ++target) {
      add_sources(problem, target, batch);
    }
    batch.flush();
  }

  double expected_synapses(const ConnectionProblem& problem) const override {
    return p_ * static_cast<double>(partners(problem, problem.sources)) *
           static_cast<double>(problem.targets);
  }

 private:
  /// From one connected source to the next, several times.
  using Steps = std::array<double, 2 * WordBlocks::lanes>;

  Steps next_steps(WordBlocks& words) const {
    // ln(1 - p) is -inf at p = 1: every gap is then 0.
    const double per_miss = 1.0 / std::log1p(-p_);
    const auto w = words.next();
    Steps steps;
    for (std::size_t k = 0; k < WordBlocks::lanes; ++k) {
      steps[k] = unit_interval_of(w[0][k], w[1][k]);
      steps[WordBlocks::lanes + k] = unit_interval_of(w[2][k], w[3][k]);
    }
    for (double& step : steps) step = 1.0 + std::floor(lane_log(step) * per_miss);
    return steps;
  }

  void add_sources(const ConnectionProblem& problem, NeuronId target, SynapseBatch& batch) const {
    WordBlocks words(problem.random, target);
    const auto end = static_cast<double>(problem.sources);
    auto key = synapse_key(target, 0);
    double source = -1.0;
    for (;;) {
      for (const double step : next_steps(words)) {
        source += step;
        if (source >= end) return;
        const auto found = static_cast<NeuronId>(source);
        if (!is_forbidden_autapse(problem, found, target)) batch.add(found, target, key);
        ++key;
      }
    }
  }

  double p_;
};

const auto& registered = add_connection_rule<PairwiseBernoulli>(
    "pairwise_bernoulli", "every pair with the same probability, independently");

}  // namespace
}  // namespace ranvier
