#pragma once

/// What an exit rule and its judge need of a trace: at every decision point the rule's score, whether
/// the answer would be right, the time and the events spent. The K scores of the classes are no
/// longer needed, so thresholds are swept over a fraction of the memory.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "networks/agent/record/trace.hpp"

namespace ranvier::agent {

/// Sample by sample; the points of sample i are first[i] .. first[i+1]-1, the last at the horizon.
/// A score is any finite number that grows with certainty.
struct Decisions {
  double horizon = 0.0;
  bool stepped = true;                           ///< times are the whole numbers 1 .. horizon
  std::vector<std::size_t> first{0};             ///< [N+1]
  std::vector<double> time;                      ///< [points]
  std::vector<double> score;                     ///< [points]
  std::vector<std::uint8_t> correct;             ///< [points] answer equals label
  std::vector<std::uint64_t> events;             ///< [points] or empty
  std::vector<std::uint8_t> correct_unprompted;  ///< [N] answer before the first point, class 0
  /// The score claims to be the probability of being right, between 0 and 1.
  bool scores_are_probabilities = false;

  void add_point(double at, double point_score, bool right) {
    time.push_back(at);
    score.push_back(point_score);
    correct.push_back(right ? 1 : 0);
  }
  /// Closes the sample to which points were added.
  void end_sample(bool right_unprompted) {
    first.push_back(time.size());
    correct_unprompted.push_back(right_unprompted ? 1 : 0);
  }

  std::size_t samples() const noexcept { return first.size() - 1; }
  /// The point at which sample i is answered if nothing stops it.
  std::size_t last(std::size_t sample) const noexcept { return first[sample + 1] - 1; }
};

/// Scored by the confidence max softmax(z / a), with one temperature a at every point. Throws InvalidValue unless it is finite and positive.
Decisions decisions_of(const TraceView& trace, double temperature);

/// With one temperature per step [T]. Throws InvalidValue when a temperature cannot be used or
/// their number is not that of the steps; Unsupported for an event trace.
Decisions decisions_of(const TraceView& trace, std::span<const double> temperatures);

/// The stopping rule: for every sample the first point with score > threshold, otherwise its last.
/// Throws InvalidValue for a threshold that is not a number.
std::vector<std::size_t> stopping_points(const Decisions& decisions, double threshold);

/// Share of samples that are right when answered at their points `stops` [N].
double accuracy(const Decisions& decisions, std::span<const std::size_t> stops);

/// Mean time of the points `stops` [N].
double mean_latency(const Decisions& decisions, std::span<const std::size_t> stops);

/// Share of samples that are right when all are answered at the horizon.
double final_accuracy(const Decisions& decisions);

}  // namespace ranvier::agent
