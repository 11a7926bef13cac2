#pragma once

/// What an exit rule achieves on data that neither its temperature nor its threshold has seen.

#include <optional>

#include "networks/agent/calibration.hpp"
#include "networks/agent/decisions.hpp"

namespace ranvier::agent {

struct Evaluation {
  double accuracy = 0.0;
  double mean_latency = 0.0;
  double median_latency = 0.0;
  double p95_latency = 0.0;   ///< the smallest latency that 95 % of the samples do not exceed
  double forced_share = 0.0;  ///< share answered at the horizon because nothing stopped it earlier
  std::optional<double> mean_events;  ///< synaptic events until the decision, where recorded
  /// Of the confidences at the exit. They were selected for being large and, with a temperature of
  /// about the horizon, are decision scores rather than probabilities.
  Reliability at_exit;
  double horizon = 0.0;
  double final_accuracy = 0.0;    ///< of answering all samples at the horizon
  double matched_accuracy = 0.0;  ///< of answering all samples at the mean latency
  double base_time = 0.0;         ///< smallest fixed time within 0.1 point of the final accuracy
  std::optional<double> final_events;  ///< mean synaptic events until the horizon, where recorded
};

/// Throws InvalidValue for a threshold outside (0, 1].
Evaluation evaluate(const Decisions& decisions, double threshold);

/// Throws InvalidValue, too, for a temperature that is not positive. `trace` may be a Trace or an
/// EventTrace and is checked as TraceView says.
Evaluation evaluate(const TraceView& trace, double temperature, double threshold);

}  // namespace ranvier::agent
