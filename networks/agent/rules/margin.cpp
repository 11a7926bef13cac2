/// Margin: the lead of the best class over the next, in the unit of the scores.
///
///     stop at the first z_(1) - z_(2) > threshold
///
/// The score of the top-K cutoff (rules/top_k_gap.cpp) with one threshold for all steps.
///
/// Source: D. Wu et al., "Optimising Event-Driven Spiking Neural Network with Regularisation and
/// Cutoff", arXiv:2301.09522.

#include "networks/agent/rules/gap_score.hpp"
#include "networks/agent/selection/selection_policy.hpp"

namespace ranvier::agent {
namespace {

struct Parameters : ThresholdParameters {
  Parameters() { threshold = 1.0; }

  static std::vector<Field<Parameters>> fields() {
    return threshold_fields<Parameters>(non_negative, "lead above which the run stops");
  }
};

ExitRuleParts parts(const Parameters& p) {
  return assembled(std::make_unique<GapScore>(), selected(p), p.max_steps);
}

[[maybe_unused]] const auto& registered = add_exit_rule<Parameters>(
    "margin", "lead of the best class over the next", "Wu et al. 2023, arXiv:2301.09522", parts);

}  // namespace
}  // namespace ranvier::agent
