#pragma once

/// What the rules that learn see of a decision point.

#include <span>
#include <string>
#include <vector>

#include "networks/agent/exit_rule.hpp"
#include "networks/agent/rules/run_length.hpp"

namespace ranvier::agent {

/// -sum p ln p in nats, with 0 ln 0 = 0.
double entropy(std::span<const double> probabilities);

/// Of p = softmax(z / a), over K classes:
///     max p, p_(1) - p_(2), entropy(p), entropy(p^2 / sum p^2)      the features of JEI-DNN
///     p_(3), g / (a + g) with g the lead of the best score, ln(run length of the answer)
/// The third largest is 0 where K = 2.
inline constexpr std::size_t feature_count = 7;
void features_of(const DecisionPoint& point, double temperature, std::size_t run_length,
                 std::span<double> features);

/// Throws Unsupported unless every sample has the same steps; `rule` names who needs them.
void require_steps(const TraceView& trace, const std::string& rule);

/// Calls visit(sample, step from 0, point, run length) for every point, sample by sample.
template <class Visit>
void for_each_point(const TraceView& trace, const Visit& visit) {
  for (std::size_t i = 0; i < trace.samples(); ++i) {
    RunLength run;
    for (std::size_t t = 0; t < trace.points(i); ++t) {
      const auto scores = trace.scores(i, t);
      const auto lead = leader(scores);
      visit(i, t, DecisionPoint{t + 1, trace.time(i, t), scores, lead}, run.observe(lead.best));
    }
  }
}

}  // namespace ranvier::agent
