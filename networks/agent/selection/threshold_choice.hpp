#pragma once

/// The threshold of the exit rule, chosen on the exit curve of data that is used for nothing else.
/// Dynamic Confidence (arXiv:2303.10276) takes it from the Pareto front of latency and accuracy;
/// the three conditions here are our reading of "without losing accuracy".

#include "networks/agent/selection/exit_curve.hpp"

namespace ranvier::agent {

/// Which thresholds count as keeping the accuracy. With d_i = right when stopped - right at the
/// horizon, in {-1, 0, 1}, and eps the allowed loss, the cheapest theta such that
///     plain:   mean(d) >= -eps. Over hundreds of thresholds one reaches it by luck.
///     safe:    mean(d) >= -eps at theta and at every larger threshold.
///     paired:  mean(d) - 1.64 sd(d) / sqrt(N) >= -eps, the lower end of a one-sided 95 % interval, at
///              theta and at every larger threshold: tested in a fixed order up to the first failure,
///              hundreds of thresholds keep the confidence of one (Angelopoulos et al. 2021,
///              arXiv:2110.01052). With eps = 0 hardly any threshold can show this on a few thousand
///              samples.
enum class Selection { plain, safe, paired };

struct ThresholdChoice {
  double threshold = 0.0;
  /// False where only running everything to the horizon meets the condition; `threshold` is then
  /// infinite.
  bool stops_early = false;
  ExitPoint calibration;  ///< what the threshold costs and yields on the data it was chosen on
  double final_accuracy = 0.0;  ///< on the same data at the horizon
  double horizon = 0.0;
};

/// What `point` of the curve stands for as a choice.
ThresholdChoice chosen(const ExitCurve& curve, const ExitPoint& point);

/// Smallest latency within `allowed_accuracy_loss`, a share of the samples (0.002 is 0.2 points).
/// Throws InvalidValue unless that lies between 0 and 1.
ThresholdChoice choose_threshold(const ExitCurve& curve, Selection selection,
                                 double allowed_accuracy_loss);

/// The most accurate point with mean latency at most `latency`; throws InvalidValue below the
/// smallest latency of the curve.
ExitPoint most_accurate_within(const ExitCurve& curve, double latency);

/// The point with the largest accuracy - price latency. Throws InvalidValue unless `price`, in
/// share of samples per unit of time, is finite and not negative.
ExitPoint best_at_price(const ExitCurve& curve, double price);

}  // namespace ranvier::agent
