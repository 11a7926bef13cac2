#include "networks/agent/record/trace.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include "core/error.hpp"

namespace ranvier::agent {
namespace {

void check_length(std::string_view what, std::size_t found, std::size_t expected) {
  if (found == expected) return;
  throw InvalidValue(
      fmt::format("{} of the trace has {} entries; expected {}", what, found, expected));
}

void check_classes(std::size_t classes) {
  if (classes >= 2) return;
  throw InvalidValue(fmt::format("the trace has {} classes; a decision needs at least 2", classes));
}

void check_labels(std::span<const std::uint8_t> labels, std::size_t classes) {
  if (labels.empty()) throw InvalidValue("the trace has no samples; expected at least one");
  const auto bad = std::ranges::find_if(labels, [&](auto label) { return label >= classes; });
  if (bad == labels.end()) return;
  throw InvalidValue(fmt::format("label {} of the trace is {}; expected 0 to {}",
                                 bad - labels.begin(), *bad, classes - 1));
}

void check_finite(std::string_view what, std::span<const double> values) {
  const auto bad = std::ranges::find_if(values, [](double x) { return !std::isfinite(x); });
  if (bad == values.end()) return;
  throw InvalidValue(fmt::format("{} of the trace holds {} at entry {}; expected finite numbers",
                                 what, *bad, bad - values.begin()));
}

void check_times(const EventTrace& trace, std::size_t sample) {
  const auto begin = trace.first[sample], end = trace.first[sample + 1];
  if (begin >= end) {
    throw InvalidValue(
        fmt::format("sample {} of the trace has no decision point; expected one at the horizon {}",
                    sample, trace.horizon));
  }
  const auto times = std::span(trace.times).subspan(begin, end - begin);
  if (times.front() < 0.0 || !std::ranges::is_sorted(times)) {
    throw InvalidValue(fmt::format(
        "the decision times of sample {} are negative or out of order; expected 0 <= t1 <= t2 ...",
        sample));
  }
  if (times.back() != trace.horizon) {
    throw InvalidValue(
        fmt::format("the last decision point of sample {} lies at {}; expected the horizon {}",
                    sample, times.back(), trace.horizon));
  }
}

void check_counts(const TraceView& view) {
  if (!view.has_events()) return;
  for (std::size_t i = 0; i < view.samples(); ++i) {
    for (std::size_t k = 1; k < view.points(i); ++k) {
      if (view.events(i, k) >= view.events(i, k - 1)) continue;
      throw InvalidValue(fmt::format(
          "the events of sample {} fall from {} to {} at point {}; expected a cumulative count", i,
          view.events(i, k - 1), view.events(i, k), k));
    }
  }
}

}  // namespace

Trace::Trace(std::size_t step_count, std::size_t sample_count, std::size_t class_count)
    : steps(step_count),
      samples(sample_count),
      classes(class_count),
      scores(step_count * sample_count * class_count),
      labels(sample_count) {}

void EventTrace::add_sample(std::uint8_t label) {
  labels.push_back(label);
  first.push_back(first.back());
}

void EventTrace::add_point(double time, std::span<const double> point_scores) {
  if (labels.empty()) throw InvalidValue("a decision point needs a sample to belong to; add one");
  check_length("a decision point", point_scores.size(), classes);
  times.push_back(time);
  scores.insert(scores.end(), point_scores.begin(), point_scores.end());
  ++first.back();
}

void EventTrace::add_point(double time, std::span<const double> point_scores,
                           std::uint64_t event_count) {
  add_point(time, point_scores);
  events.push_back(event_count);
}

TraceView::TraceView(const Trace& trace)
    : steps_(trace.steps),
      classes_(trace.classes),
      horizon_(static_cast<double>(trace.steps)),
      scores_(trace.scores),
      events_(trace.events),
      labels_(trace.labels) {
  check_classes(classes_);
  if (steps_ == 0) throw InvalidValue("the trace has no steps; expected at least one");
  check_length("labels", trace.labels.size(), trace.samples);
  check_labels(labels_, classes_);
  check_length("scores", scores_.size(), steps_ * samples() * classes_);
  if (has_events()) check_length("events", events_.size(), steps_ * samples());
  check_finite("scores", scores_);
  check_counts(*this);
}

TraceView::TraceView(const EventTrace& trace)
    : classes_(trace.classes),
      horizon_(trace.horizon),
      first_(trace.first),
      times_(trace.times),
      scores_(trace.scores),
      events_(trace.events),
      labels_(trace.labels) {
  check_classes(classes_);
  check_labels(labels_, classes_);
  check_length("first", first_.size(), samples() + 1);
  if (first_.front() != 0 || !std::ranges::is_sorted(first_)) {
    throw InvalidValue("first of the trace must start at 0 and never fall");
  }
  check_length("times", times_.size(), first_.back());
  check_length("scores", scores_.size(), times_.size() * classes_);
  if (has_events()) check_length("events", events_.size(), times_.size());
  check_finite("times", times_);
  check_finite("scores", scores_);
  for (std::size_t i = 0; i < samples(); ++i) check_times(trace, i);
  check_counts(*this);
}

TraceView TraceView::first_steps(std::size_t steps) const {
  if (!stepped()) {
    throw Unsupported("an event trace has no steps to count; record it up to the horizon you want");
  }
  if (steps == 0) throw InvalidValue("a trace cannot end after 0 steps; expected at least 1");
  TraceView view = *this;
  view.steps_ = std::min(steps, steps_);
  view.horizon_ = static_cast<double>(view.steps_);
  return view;
}

}  // namespace ranvier::agent
