#include "networks/agent/record/decisions.hpp"

#include <cmath>

#include <fmt/format.h>

#include "core/error.hpp"
#include "networks/agent/confidence.hpp"

namespace ranvier::agent {
namespace {

/// `temperature_at(k)` is that of the k-th point.
template <class TemperatureAt>
Decisions scored(const TraceView& trace, TemperatureAt temperature_at) {
  Decisions result;
  result.horizon = trace.horizon();
  result.stepped = trace.stepped();
  result.scores_are_probabilities = true;
  for (std::size_t i = 0; i < trace.samples(); ++i) {
    for (std::size_t k = 0; k < trace.points(i); ++k) {
      const auto scores = trace.scores(i, k);
      result.add_point(trace.time(i, k), confidence(scores, temperature_at(k)),
                       argmax(scores) == trace.label(i));
      if (trace.has_events()) result.events.push_back(trace.events(i, k));
    }
    result.end_sample(trace.label(i) == 0);
  }
  return result;
}

}  // namespace

Decisions decisions_of(const TraceView& trace, double temperature) {
  check_temperature(temperature);
  return scored(trace, [&](std::size_t) { return temperature; });
}

Decisions decisions_of(const TraceView& trace, std::span<const double> temperatures) {
  if (!trace.stepped()) throw Unsupported("one temperature per step needs a trace made of steps");
  if (temperatures.size() != trace.points(0)) {
    throw InvalidValue(fmt::format("{} temperatures were given for {} steps; expected one per step",
                                   temperatures.size(), trace.points(0)));
  }
  for (const double temperature : temperatures) check_temperature(temperature);
  return scored(trace, [&](std::size_t k) { return temperatures[k]; });
}

std::vector<std::size_t> stopping_points(const Decisions& decisions, double threshold) {
  if (std::isnan(threshold)) throw InvalidValue("the exit threshold is not a number");
  std::vector<std::size_t> result(decisions.samples());
  for (std::size_t i = 0; i < result.size(); ++i) {
    auto row = decisions.first[i];
    while (row < decisions.last(i) && !(decisions.score[row] > threshold)) ++row;
    result[i] = row;
  }
  return result;
}

double accuracy(const Decisions& decisions, std::span<const std::size_t> stops) {
  std::size_t right = 0;
  for (const auto row : stops) right += decisions.correct[row];
  return static_cast<double>(right) / static_cast<double>(stops.size());
}

double mean_latency(const Decisions& decisions, std::span<const std::size_t> stops) {
  double sum = 0.0;
  for (const auto row : stops) sum += decisions.time[row];
  return sum / static_cast<double>(stops.size());
}

double final_accuracy(const Decisions& decisions) {
  std::size_t right = 0;
  for (std::size_t i = 0; i < decisions.samples(); ++i)
    right += decisions.correct[decisions.last(i)];
  return static_cast<double>(right) / static_cast<double>(decisions.samples());
}

}  // namespace ranvier::agent
