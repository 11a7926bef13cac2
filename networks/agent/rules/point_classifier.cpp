/// Point classifier with a target accuracy: the smallest threshold of a grid whose accuracy on
/// held-out data reaches the target,
///
///     stop at the first max_k softmax(z / a)_k > theta,   theta in {0, 0.01, ..., 1}
///
/// A heuristic without guarantee, the baseline that the conformal rule is compared with there. The
/// source looks at spike counts (a network whose output layer spikes) with a = 1, and runs on to the
/// end where no threshold reaches the target; here such a target is refused.
///
/// Source: J. Chen, S. Park, O. Simeone, "SpikeCP: Delay-Adaptive Reliable Spiking Neural Networks
/// via Conformal Prediction", arXiv:2305.11322, its baseline, as in its released program.

#include <fmt/format.h>

#include "core/error.hpp"
#include "networks/agent/rules/softmax_score.hpp"
#include "networks/agent/selection/selection_policy.hpp"

namespace ranvier::agent {
namespace {

struct Parameters : SmoothingParameters {
  Parameters() { temperature_fit = static_cast<int>(TemperatureFrom::fixed); }
  double target_accuracy = 0.9;
  std::int64_t max_steps = 0;

  static std::vector<Field<Parameters>> fields() {
    auto fields = smoothing_fields<Parameters>();
    fields.push_back(real<Parameters>("target_accuracy", &Parameters::target_accuracy, "",
                                      unit_interval, "accuracy to be reached on held-out data"));
    fields.push_back(integer<Parameters>(
        "max_steps", &Parameters::max_steps, non_negative,
        "steps after which the answer is given whatever the score; 0: end of the run"));
    return fields;
  }
};

ThresholdPolicy policy(double target) {
  return [target](const TraceView&, const Decisions& scored) -> Thresholds {
    constexpr int grid_size = 100;
    double best = 0.0, best_theta = 0.0;
    for (int j = 0; j <= grid_size; ++j) {
      const double theta = static_cast<double>(j) / grid_size;
      const double reached = accuracy(scored, stopping_points(scored, theta));
      if (reached >= target) return {theta};
      if (reached <= best) continue;
      best = reached;
      best_theta = theta;
    }
    throw InvalidValue(fmt::format(
        "target_accuracy of the exit rule point_classifier is {}; the highest that held-out data "
        "reach is {:.4f}, at a threshold of {:.2f}",
        target, best, best_theta));
  };
}

ExitRuleParts parts(const Parameters& p) {
  return assembled(std::make_unique<SoftmaxScore>(p),
                   {.thresholds = {}, .choose = policy(p.target_accuracy)}, p.max_steps);
}

[[maybe_unused]] const auto& registered = add_exit_rule<Parameters>(
    "point_classifier", "largest softmax probability, its threshold from a target accuracy",
    "Chen, Park & Simeone 2023, arXiv:2305.11322", parts);

}  // namespace
}  // namespace ranvier::agent
