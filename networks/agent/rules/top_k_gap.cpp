/// Top-K gap: the lead of the best class, with a threshold of its own at every step. With D(beta)
/// the held-out samples whose lead exceeds beta at step t,
///
///     C(t, beta) = share of D(beta) whose optimal cutoff time is <= t
///     beta_t     = smallest beta of a grid of 100 values with C(t, beta) >= 1 - epsilon
///     stop at the first z_(1) - z_(2) > beta_t
///
/// A step where no beta will do stops nothing. The source takes the thresholds from training samples
/// under dropout, to mimic what the test set is uncertain of; held-out samples need no mimicry.
///
/// Source: D. Wu et al., "Optimising Event-Driven Spiking Neural Network with Regularisation and
/// Cutoff", arXiv:2301.09522; the grid as in its released program.

#include <algorithm>
#include <limits>

#include "networks/agent/evaluation/oracle.hpp"
#include "networks/agent/rules/features.hpp"
#include "networks/agent/rules/gap_score.hpp"
#include "networks/agent/selection/selection_policy.hpp"

namespace ranvier::agent {
namespace {

struct Parameters {
  double epsilon = 0.05;
  std::int64_t max_steps = 0;

  static std::vector<Field<Parameters>> fields() {
    return {real("epsilon", &Parameters::epsilon, "", unit_interval,
                 "share of the samples stopped at a step whose answer may still change"),
            integer("max_steps", &Parameters::max_steps, non_negative,
                    "steps after which the answer is given whatever the score; 0: end of the run")};
  }
};

constexpr int grid_size = 100;

/// Smallest beta on the grid for the leads of one step, infinite where none will do.
double threshold_of(std::span<const double> leads, std::span<const std::uint8_t> settled,
                    double epsilon) {
  const double widest = *std::ranges::max_element(leads);
  for (int j = 0; j < grid_size; ++j) {
    const double beta = widest * j / grid_size;
    std::size_t stopped = 0, right = 0;
    for (std::size_t i = 0; i < leads.size(); ++i) {
      if (!(leads[i] > beta)) continue;
      ++stopped;
      right += settled[i];
    }
    const double wanted = (1.0 - epsilon) * static_cast<double>(stopped);
    if (stopped > 0 && static_cast<double>(right) >= wanted) return beta;
  }
  return std::numeric_limits<double>::infinity();
}

ThresholdPolicy policy(double epsilon) {
  return [epsilon](const TraceView& trace, const Decisions& scored) {
    require_steps(trace, "top_k_gap");
    const auto cutoffs = optimal_cutoffs(scored);
    Thresholds thresholds;
    for (std::size_t t = 0; t < trace.points(0); ++t) {
      std::vector<double> leads;
      std::vector<std::uint8_t> settled;
      for (std::size_t i = 0; i < scored.samples(); ++i) {
        const auto row = scored.first[i] + t;
        leads.push_back(scored.score[row]);
        settled.push_back(cutoffs[i] <= scored.time[row] ? 1 : 0);
      }
      thresholds.push_back(threshold_of(leads, settled, epsilon));
    }
    return thresholds;
  };
}

ExitRuleParts parts(const Parameters& p) {
  return assembled(std::make_unique<GapScore>(), {.thresholds = {}, .choose = policy(p.epsilon)},
                   p.max_steps);
}

[[maybe_unused]] const auto& registered = add_exit_rule<Parameters>(
    "top_k_gap", "lead of the best class over the next, with a threshold for every step",
    "Wu et al. 2023, arXiv:2301.09522", parts);

}  // namespace
}  // namespace ranvier::agent
