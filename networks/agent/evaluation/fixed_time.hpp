#pragma once

/// The baseline of every exit rule: answering all samples at one common time.

#include <vector>

#include "networks/agent/record/decisions.hpp"

namespace ranvier::agent {

/// accuracy[j] holds from time[j] until time[j+1]. A trace of steps has one entry per step; an
/// event trace one at time 0 and one at every time at which a sample turns right or wrong.
struct FixedTimeCurve {
  std::vector<double> time;
  std::vector<double> accuracy;
  bool stepped = true;
};

FixedTimeCurve fixed_time_curve(const Decisions& decisions);

/// Accuracy of answering at `time`, with the latest answer until then.
double accuracy_at(const FixedTimeCurve& curve, double time);

/// Fixed-time accuracy at the mean latency of an exit rule. Between steps it is interpolated, as if
/// a share of the samples ran one step longer.
double matched_accuracy(const FixedTimeCurve& curve, double latency);

/// T_base: the smallest time from which the accuracy stays within `tolerance` of the final one. An
/// exit rule that is compared with a generous horizon instead seems to save more than it does.
double base_time(const FixedTimeCurve& curve, double tolerance = 0.001);

}  // namespace ranvier::agent
