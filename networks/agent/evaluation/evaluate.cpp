#include "networks/agent/evaluation/evaluate.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"
#include "networks/agent/confidence.hpp"
#include "networks/agent/evaluation/fixed_time.hpp"

namespace ranvier::agent {
namespace {

/// The smallest of the sorted values that a share `q` of them does not exceed.
double quantile(std::span<const double> sorted, double q) {
  const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(sorted.size())));
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

std::optional<double> mean_events(const Decisions& decisions, std::span<const std::size_t> rows) {
  if (decisions.events.empty()) return std::nullopt;
  double sum = 0.0;
  for (const auto row : rows) sum += static_cast<double>(decisions.events[row]);
  return sum / static_cast<double>(rows.size());
}

std::vector<std::uint8_t> outcomes_at(const Decisions& decisions,
                                      std::span<const std::size_t> rows) {
  std::vector<std::uint8_t> correct;
  for (const auto row : rows) correct.push_back(decisions.correct[row]);
  return correct;
}

Reliability reliability_at(const Decisions& decisions, std::span<const std::size_t> rows) {
  std::vector<double> scores;
  for (const auto row : rows) scores.push_back(decisions.score[row]);
  return reliability(scores, outcomes_at(decisions, rows));
}

Reliability calibrated_at(const ExitProbability& probability, const Decisions& decisions,
                          std::span<const std::size_t> rows) {
  std::vector<double> probabilities;
  for (const auto row : rows) {
    probabilities.push_back(probability.at(decisions.time[row], decisions.score[row]));
  }
  return reliability(probabilities, outcomes_at(decisions, rows));
}

std::vector<std::size_t> last_rows(const Decisions& decisions) {
  std::vector<std::size_t> rows(decisions.samples());
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = decisions.last(i);
  return rows;
}

double share_equal(std::span<const std::size_t> a, std::span<const std::size_t> b) {
  std::size_t equal = 0;
  for (std::size_t i = 0; i < a.size(); ++i) equal += a[i] == b[i];
  return static_cast<double>(equal) / static_cast<double>(a.size());
}

void describe_latency(const Decisions& decisions, std::span<const std::size_t> rows,
                      Evaluation& result) {
  std::vector<double> latencies;
  for (const auto row : rows) latencies.push_back(decisions.time[row]);
  std::ranges::sort(latencies);
  result.mean_latency = mean_latency(decisions, rows);
  result.median_latency = quantile(latencies, 0.5);
  result.p95_latency = quantile(latencies, 0.95);
}

}  // namespace

Evaluation evaluate(const Decisions& decisions, std::span<const std::size_t> stops) {
  const auto last = last_rows(decisions);
  const auto fixed = fixed_time_curve(decisions);

  Evaluation result;
  describe_latency(decisions, stops, result);
  result.accuracy = accuracy(decisions, stops);
  result.forced_share = share_equal(stops, last);
  result.mean_events = mean_events(decisions, stops);
  if (decisions.scores_are_probabilities) result.at_exit = reliability_at(decisions, stops);
  result.horizon = decisions.horizon;
  result.final_accuracy = accuracy(decisions, last);
  result.final_events = mean_events(decisions, last);
  result.matched_accuracy = matched_accuracy(fixed, result.mean_latency);
  result.base_time = base_time(fixed);
  return result;
}

Evaluation evaluate(const Decisions& decisions, double threshold) {
  return evaluate(decisions, stopping_points(decisions, threshold));
}

Evaluation evaluate(const TraceView& trace, double temperature, double threshold) {
  check_threshold(threshold);
  return evaluate(decisions_of(trace, temperature), threshold);
}

Evaluation evaluate(const ExitRule& rule, const TraceView& trace) {
  if (!rule.ready()) {
    throw InvalidValue(fmt::format(
        "the exit rule {} was to be judged before it was fitted to held-out data", rule.name()));
  }
  const auto decisions = rule.scored(trace);
  const auto stops = rule.stops(decisions);
  auto result = evaluate(decisions, stops);
  if (rule.exit_probability()) {
    result.calibrated_at_exit = calibrated_at(*rule.exit_probability(), decisions, stops);
  }
  return result;
}

RuleResult fitted_and_judged(ExitRule rule, const TraceView& held_out, const TraceView& test) {
  rule.fit(held_out);
  RuleResult result{
      .name = rule.name(), .test = evaluate(rule, test), .held_out = rule.held_out(), .curve = {}};
  if (rule.thresholds().size() == 1) result.curve = exit_curve(rule.scored(test));
  return result;
}

}  // namespace ranvier::agent
