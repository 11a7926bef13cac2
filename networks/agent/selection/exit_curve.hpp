#pragma once

/// Accuracy against mean latency for every threshold at once.
///
/// A sample's stopping point depends on the threshold only through the records of its score,
/// the points where it exceeds everything before: it moves on from a record as soon as the
/// threshold reaches its value. Sorting all records gives the exact curve in
/// O(points log points), with no grid of thresholds.

#include <cstddef>
#include <vector>

#include "networks/agent/record/decisions.hpp"

namespace ranvier::agent {

/// One stretch of thresholds over which nothing changes: from `threshold` up to that of the next.
/// The first point stands for every threshold below all scores, with one such for its own.
struct ExitPoint {
  double threshold = 0.0;
  double latency = 0.0;
  double accuracy = 0.0;
  std::size_t gained = 0;  ///< right when stopped, wrong at the horizon
  std::size_t lost = 0;    ///< wrong when stopped, right at the horizon
};

/// In order of threshold, so latency never falls; accuracy may. In the last point every sample runs
/// to the horizon.
struct ExitCurve {
  std::vector<ExitPoint> points;
  std::size_t samples = 0;
  double horizon = 0.0;
  double final_accuracy = 0.0;  ///< of answering all samples at the horizon
};

ExitCurve exit_curve(const Decisions& decisions);

/// The point that holds at any `threshold`; throws InvalidValue where that is not a number.
const ExitPoint& at_threshold(const ExitCurve& curve, double threshold);

/// The points that are more accurate than every point of smaller or equal latency.
std::vector<ExitPoint> pareto_front(const ExitCurve& curve);

}  // namespace ranvier::agent
