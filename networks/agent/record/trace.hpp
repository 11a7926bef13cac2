#pragma once

/// Recorded read-outs of a network that was run to its horizon without stopping early. From one
/// such record every temperature, threshold, exit rule and oracle is evaluated without running the
/// network again.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ranvier::agent {

/// One decision point per step. Time is counted in steps from 1: the point of step t has latency t.
struct Trace {
  std::size_t steps = 0, samples = 0, classes = 0;
  std::vector<double> scores;         ///< [T][N][K] accumulated output, z_t = r_1 + ... + r_t
  std::vector<std::uint8_t> labels;   ///< [N]
  std::vector<std::uint64_t> events;  ///< [T][N] synaptic events up to the step, or empty

  Trace() = default;
  /// All scores and labels zero, no events.
  Trace(std::size_t step_count, std::size_t sample_count, std::size_t class_count);

  std::span<double> at(std::size_t step, std::size_t sample) {
    return std::span(scores).subspan((step * samples + sample) * classes, classes);
  }
  std::span<const double> at(std::size_t step, std::size_t sample) const {
    return std::span(scores).subspan((step * samples + sample) * classes, classes);
  }
};

/// Decision points at the times of output events, irregular and different for each sample. The last
/// point of every sample lies at the horizon: it is the answer given when nothing stopped earlier.
/// Before its first point a sample has no evidence and would answer class 0.
struct EventTrace {
  double horizon = 0.0;  ///< in the unit of `times`, any unit of time
  std::size_t classes = 0;
  std::vector<std::size_t> first{0};  ///< [N+1] the points of sample i are first[i] .. first[i+1]-1
  std::vector<double> times;          ///< [points] non-decreasing within a sample
  std::vector<double> scores;         ///< [points][K]
  std::vector<std::uint64_t> events;  ///< [points] synaptic events up to the point, or empty
  std::vector<std::uint8_t> labels;   ///< [N]

  EventTrace() = default;
  /// No samples yet.
  EventTrace(double end_of_run, std::size_t class_count)
      : horizon(end_of_run), classes(class_count) {}

  /// Opens the next sample; `add_point` then appends to it.
  void add_sample(std::uint8_t label);
  /// Throws InvalidValue before the first `add_sample` or when `point_scores` is not [K].
  void add_point(double time, std::span<const double> point_scores);
  void add_point(double time, std::span<const double> point_scores, std::uint64_t event_count);
};

/// Read access to either kind of record; does not own it. Construction checks the record once and
/// throws InvalidValue for no samples, fewer than two classes, arrays of the wrong length, a label
/// that is no class, scores that are not finite, times out of order or beyond the horizon, a sample
/// that does not end at the horizon, or event counts that fall.
class TraceView {
 public:
  TraceView(const Trace& trace);  // NOLINT: evaluation takes either record where it asks for a view
  TraceView(const EventTrace& trace);  // NOLINT

  std::size_t samples() const noexcept { return labels_.size(); }
  std::size_t classes() const noexcept { return classes_; }
  /// Latency of an answer that was not given earlier, T.
  double horizon() const noexcept { return horizon_; }
  /// True where every sample has the points 1, 2, ..., T.
  bool stepped() const noexcept { return times_.empty(); }
  bool has_events() const noexcept { return !events_.empty(); }
  std::uint8_t label(std::size_t sample) const noexcept { return labels_[sample]; }

  /// Number of decision points of a sample, at least one.
  std::size_t points(std::size_t sample) const noexcept {
    return stepped() ? steps_ : first_[sample + 1] - first_[sample];
  }
  double time(std::size_t sample, std::size_t point) const noexcept {
    return stepped() ? static_cast<double>(point + 1) : times_[row(sample, point)];
  }
  std::span<const double> scores(std::size_t sample, std::size_t point) const noexcept {
    return scores_.subspan(row(sample, point) * classes_, classes_);
  }
  std::uint64_t events(std::size_t sample, std::size_t point) const noexcept {
    return events_[row(sample, point)];
  }

  /// The same record as if the run had ended after `steps` steps. Throws Unsupported for an event
  /// trace and InvalidValue for zero steps.
  TraceView first_steps(std::size_t steps) const;

 private:
  /// Both records are rows of K scores; only the row of a point differs.
  std::size_t row(std::size_t sample, std::size_t point) const noexcept {
    return stepped() ? point * labels_.size() + sample : first_[sample] + point;
  }

  std::size_t steps_ = 0, classes_ = 0;
  double horizon_ = 0.0;
  std::span<const std::size_t> first_;
  std::span<const double> times_, scores_;
  std::span<const std::uint64_t> events_;
  std::span<const std::uint8_t> labels_;
};

}  // namespace ranvier::agent
