#include "networks/agent/selection/selection_policy.hpp"

#include "networks/agent/selection/exit_curve.hpp"

namespace ranvier::agent {
namespace {

ThresholdChoice choice_of(const ExitCurve& curve, const SelectionParameters& parameters) {
  switch (static_cast<ThresholdFrom>(parameters.selection)) {
    case ThresholdFrom::latency:
      return chosen(curve, most_accurate_within(curve, parameters.max_latency));
    case ThresholdFrom::price: return chosen(curve, best_at_price(curve, parameters.price));
    case ThresholdFrom::plain:
    case ThresholdFrom::safe:
    case ThresholdFrom::paired:
    case ThresholdFrom::fixed: break;
  }
  return choose_threshold(curve, static_cast<Selection>(parameters.selection),
                          parameters.allowed_accuracy_loss);
}

}  // namespace

ThresholdSource selected(const SelectionParameters& parameters) {
  return {.thresholds = {}, .choose = [parameters](const TraceView&, const Decisions& scored) {
            return Thresholds{choice_of(exit_curve(scored), parameters).threshold};
          }};
}

ThresholdSource selected(const ThresholdParameters& parameters) {
  if (static_cast<ThresholdFrom>(parameters.selection) == ThresholdFrom::fixed) {
    return given(parameters.threshold);
  }
  return selected(static_cast<const SelectionParameters&>(parameters));
}

ThresholdSource given(double threshold) { return {.thresholds = {threshold}, .choose = {}}; }

ExitRuleParts assembled(std::unique_ptr<ExitScore> score, ThresholdSource source,
                        std::int64_t max_steps) {
  return {.name = {},
          .score = std::move(score),
          .thresholds = std::move(source.thresholds),
          .choose = std::move(source.choose),
          .max_steps = static_cast<std::size_t>(max_steps)};
}

}  // namespace ranvier::agent
