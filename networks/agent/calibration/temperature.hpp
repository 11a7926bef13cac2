#pragma once

/// Temperature of the confidence, fitted on data the network was not trained on by minimising the
/// negative log-likelihood of softmax(z / a).
///
/// Source: C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, "On Calibration of Modern Neural Networks",
/// ICML 2017, arXiv:1706.04599, section 4. In b = 1/a the loss is convex,
///     NLL(b)   = mean_i [ ln sum_k exp(b z_ik) - b z_i,y(i) ]
///     NLL'(b)  = mean_i ( E_p[z_i] - z_i,y(i) ),   p = softmax(b z_i)
///     NLL''(b) = mean_i Var_p[z_i]
/// which makes Newton's method safe inside a bracket of the sign of NLL'.

#include <cstdint>
#include <span>
#include <vector>

#include "networks/agent/record/trace.hpp"

namespace ranvier::agent {

/// One observation of a fit.
struct LabelledScores {
  std::span<const double> scores;  ///< [K]
  std::uint8_t label = 0;
  double weight = 1.0;
};

/// Every decision point of every sample. The weights of a sample sum to 1 however many points it
/// has, so that samples with dense output do not dominate an event trace.
std::vector<LabelledScores> every_point(const TraceView& trace);

/// The answer at the horizon of every sample.
std::vector<LabelledScores> last_points(const TraceView& trace);

/// Step `step` (counted from 0) of every sample; throws Unsupported for an event trace and
/// InvalidValue beyond its end.
std::vector<LabelledScores> points_of_step(const TraceView& trace, std::size_t step);

/// NLL and its first two derivatives with respect to b = 1/a.
struct Likelihood {
  double nll = 0.0, slope = 0.0, curvature = 0.0;
};
Likelihood likelihood(std::span<const LabelledScores> rows, double inverse_temperature);

struct TemperatureFit {
  double temperature = 1.0;
  double nll = 0.0;  ///< nats per sample at that temperature
  int iterations = 0;
  /// False where the loss has no minimum within a factor of 1000 of the spread of the scores: all
  /// answers right (a goes to 0), no better than chance (a goes to infinity), or all scores equal.
  /// `temperature` is then the end of that range, or 1 when all scores are equal.
  bool interior = true;
};

/// Throws InvalidValue when there are no rows.
TemperatureFit fit_temperature(std::span<const LabelledScores> rows);

/// One fit per step, t = 1 .. T. For reporting probabilities: such calibrated confidences are
/// *worse* exit scores than one constant, because an ambiguous input never becomes confident
/// although its answer has stopped changing. Throws Unsupported for an event trace.
std::vector<TemperatureFit> fit_temperature_per_step(const TraceView& trace);

}  // namespace ranvier::agent
