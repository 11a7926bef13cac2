/// Largest softmax probability, SEENN-I:
///
///     stop at the first max_k softmax(z / a)_k > threshold
///
/// with a = 1 for networks trained as spiking ones and a = T for converted ones (`temperature_fit:
/// horizon`). The same formula as Dynamic Confidence with another constant; the source has fixed
/// thresholds, 0.9 and 0.8.
///
/// Source: Y. Li et al., "SEENN: Towards Temporal Spiking Early-Exit Neural Networks", NeurIPS 2023,
/// arXiv:2304.01230; constants as in its released program.

#include "networks/agent/rules/softmax_score.hpp"
#include "networks/agent/selection/selection_policy.hpp"

namespace ranvier::agent {
namespace {

struct Parameters : SmoothingParameters, ThresholdParameters {
  Parameters() {
    temperature_fit = static_cast<int>(TemperatureFrom::fixed);
    threshold = 0.9;
  }

  static std::vector<Field<Parameters>> fields() {
    auto fields = smoothing_fields<Parameters>();
    const auto more = threshold_fields<Parameters>({.lower = 0.0, .upper = 1.0, .lower_open = true},
                                                   "probability above which the run stops");
    fields.insert(fields.end(), more.begin(), more.end());
    return fields;
  }
};

ExitRuleParts parts(const Parameters& p) {
  return assembled(std::make_unique<SoftmaxScore>(p), selected(p), p.max_steps);
}

[[maybe_unused]] const auto& registered = add_exit_rule<Parameters>(
    "max_softmax", "largest softmax probability of the scores as they are",
    "Li et al. 2023, NeurIPS, arXiv:2304.01230", parts);

}  // namespace
}  // namespace ranvier::agent
