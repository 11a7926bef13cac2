#pragma once

/// What an exit rule achieves on data that neither its temperature nor its threshold has seen.

#include <optional>
#include <span>
#include <string>

#include "networks/agent/calibration/reliability.hpp"
#include "networks/agent/exit_rule.hpp"
#include "networks/agent/record/decisions.hpp"
#include "networks/agent/selection/exit_curve.hpp"

namespace ranvier::agent {

struct Evaluation {
  double accuracy = 0.0;
  double mean_latency = 0.0;
  double median_latency = 0.0;
  double p95_latency = 0.0;   ///< the smallest latency that 95 % of the samples do not exceed
  double forced_share = 0.0;  ///< share answered at the last point because nothing stopped it
  std::optional<double> mean_events;  ///< synaptic events until the decision, where recorded
  /// Of the scores at the exit, where the rule's scores claim to be probabilities. They were
  /// selected for being large and, with a temperature of about the horizon, are decision scores.
  std::optional<Reliability> at_exit;
  /// Of the probability that held-out exits of the same time and score were right, where the rule
  /// was fitted.
  std::optional<Reliability> calibrated_at_exit;
  double horizon = 0.0;
  double final_accuracy = 0.0;    ///< of answering all samples at the horizon
  double matched_accuracy = 0.0;  ///< of answering all samples at the mean latency
  double base_time = 0.0;         ///< smallest fixed time within 0.1 point of the final accuracy
  std::optional<double> final_events;  ///< mean synaptic events until the horizon, where recorded

  /// Share of the steps saved against the whole run, and against T_base; negative where slower.
  double saving() const { return 1.0 - mean_latency / horizon; }
  double saving_against_base() const { return 1.0 - mean_latency / base_time; }
  /// Accuracy gained over a fixed time of the same mean latency.
  double matched_gain() const { return accuracy - matched_accuracy; }
};

/// Of answering every sample at its row of `decisions` in `stops` [N].
Evaluation evaluate(const Decisions& decisions, std::span<const std::size_t> stops);

/// Throws InvalidValue for a threshold that is not a number.
Evaluation evaluate(const Decisions& decisions, double threshold);

/// Of the confidence max softmax(z / a). Throws InvalidValue, too, for a temperature that is not
/// positive or a threshold outside (0, 1]. `trace` may be a Trace or an EventTrace and is checked as
/// TraceView says.
Evaluation evaluate(const TraceView& trace, double temperature, double threshold);

/// Of a rule that can decide. Throws InvalidValue where it is not ready.
Evaluation evaluate(const ExitRule& rule, const TraceView& trace);

/// A rule beside others on the same record.
struct RuleResult {
  std::string name;
  Evaluation test;
  std::optional<HeldOut> held_out;
  /// Accuracy and latency on the test record for every threshold, where the rule has a single one.
  std::optional<ExitCurve> curve;
};

/// `rule` fitted to one record and judged on another. Throws as the fit does.
RuleResult fitted_and_judged(ExitRule rule, const TraceView& held_out, const TraceView& test);

}  // namespace ranvier::agent
