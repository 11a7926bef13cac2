#pragma once

/// What stopping could achieve if the label were known.
///
/// Sources: first-correct oracle, C. Li, E. Jones, S. Furber, ICCV 2023, arXiv:2303.10276 (which
/// charge its published latencies use is not known, so all three are given); optimal cutoff time,
/// D. Wu et al., arXiv:2301.09522; average earliest time, Y. Li et al. (SEENN), arXiv:2304.01230.

#include <optional>
#include <vector>

#include "networks/agent/record/decisions.hpp"

namespace ranvier::agent {

struct Oracle {
  /// Share of samples that are right at any decision point. Rises with the number of decision
  /// points, lucky flickers included: give `optimal_cutoff` beside it.
  double accuracy = 0.0;
  /// Mean time of the first right answer; samples that are never right are charged ...
  double latency_charged_horizon = 0.0;  ///< ... the horizon
  double latency_charged_first = 0.0;    ///< ... their first point (one step)
  std::optional<double> latency_right;   ///< ... not at all; empty where no sample is ever right
  /// Mean time from which the answer stays right until the horizon; samples wrong at the horizon
  /// are charged it. The latency of a perfect stopper that loses no accuracy.
  double optimal_cutoff = 0.0;
  /// [ sum_t t (C_t - C_(t-1)) + T (N - C_T) ] / N with C_t the number right at time t and C_0 = 0.
  double average_earliest_time = 0.0;
};

Oracle oracle(const Decisions& decisions);

/// The optimal cutoff time of every sample [N]: from when its answer stays right until the horizon;
/// the horizon where it is wrong there.
std::vector<double> optimal_cutoffs(const Decisions& decisions);

}  // namespace ranvier::agent
