/// Dynamic Confidence: after every step, or every output event, the agent looks at the accumulated
/// scores z and stops the run for this input once it is confident enough.
///
///     c = max_k softmax(z / a)_k;   stop at the first c > theta
///
/// a is constant over time, so c > theta tests how far the leading class is ahead in accumulated
/// evidence, not how probable it is. Neither weights nor neurons know of the agent.
///
/// Source: C. Li, E. Jones, S. Furber, "Unleashing the Potential of Spiking Neural Networks with
/// Dynamic Confidence", ICCV 2023, arXiv:2303.10276; rule and constants as in its released program,
/// the gap bracket derived from them. How the paper words the condition on the threshold and which
/// data it uses is not verified; the selections are our reading of it.

#include "core/error.hpp"
#include "networks/agent/rules/softmax_score.hpp"
#include "networks/agent/selection/selection_policy.hpp"

namespace ranvier::agent {
namespace {

struct Parameters : SmoothingParameters, ThresholdParameters {
  Parameters() { threshold = 0.6; }

  static std::vector<Field<Parameters>> fields() {
    auto fields = smoothing_fields<Parameters>(true);
    const auto more = threshold_fields<Parameters>({.lower = 0.0, .upper = 1.0, .lower_open = true},
                                                   "confidence above which the run stops");
    fields.insert(fields.end(), more.begin(), more.end());
    return fields;
  }
};

ExitRuleParts parts(const Parameters& p) {
  const bool grid = static_cast<TemperatureFrom>(p.temperature_fit) == TemperatureFrom::grid;
  if (grid && static_cast<ThresholdFrom>(p.selection) == ThresholdFrom::fixed) {
    throw InvalidValue(
        "temperature_fit of the exit rule dynamic_confidence is grid and selection is fixed; a "
        "grid "
        "needs a threshold that follows the temperature: plain, safe, paired, latency or price");
  }
  return assembled(std::make_unique<SoftmaxScore>(p), selected(p), p.max_steps);
}

[[maybe_unused]] const auto& registered = add_exit_rule<Parameters>(
    "dynamic_confidence",
    "largest softmax probability of the accumulated scores over a constant divisor",
    "Li, Jones & Furber 2023, ICCV, arXiv:2303.10276", parts);

}  // namespace
}  // namespace ranvier::agent
