#include "networks/agent/selection/exit_curve.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"

namespace ranvier::agent {
namespace {

/// At thresholds from `record` on, the sample that stopped at row `from` stops at row `to`.
struct Departure {
  double record;
  std::size_t from, to, last;
};

void append_departures(const Decisions& decisions, std::size_t sample,
                       std::vector<Departure>& departures) {
  const auto last = decisions.last(sample);
  auto record = decisions.first[sample];
  for (auto row = record + 1; row <= last; ++row) {
    const bool exceeds = decisions.score[row] > decisions.score[record];
    if (!exceeds && row != last) continue;
    // The last point answers whatever its confidence, so it ends the chain of records.
    departures.push_back({decisions.score[record], record, row, last});
    record = row;
  }
}

/// Sums over the samples while the threshold rises.
struct Tally {
  double latency = 0.0;
  std::size_t gained = 0, lost = 0;

  void enter(const Decisions& d, std::size_t row, std::size_t last) {
    gained += d.correct[row] > d.correct[last];
    lost += d.correct[row] < d.correct[last];
  }
  void leave(const Decisions& d, std::size_t row, std::size_t last) {
    gained -= d.correct[row] > d.correct[last];
    lost -= d.correct[row] < d.correct[last];
  }
};

ExitPoint point(const Tally& tally, const ExitCurve& curve, double threshold) {
  const double samples = static_cast<double>(curve.samples);
  const double difference = static_cast<double>(tally.gained) - static_cast<double>(tally.lost);
  return {threshold, tally.latency / samples, curve.final_accuracy + difference / samples,
          tally.gained, tally.lost};
}

/// A threshold that stops every sample at its first point, with room for scores not seen here.
double below_all(std::span<const Departure> departures) {
  if (departures.empty()) return 0.0;
  const double smallest = departures.front().record;
  return smallest > 0.0 ? smallest / 2.0 : 2.0 * smallest - 1.0;
}

}  // namespace

ExitCurve exit_curve(const Decisions& decisions) {
  ExitCurve curve{.points = {},
                  .samples = decisions.samples(),
                  .horizon = decisions.horizon,
                  .final_accuracy = final_accuracy(decisions)};
  std::vector<Departure> departures;
  Tally tally;
  for (std::size_t i = 0; i < curve.samples; ++i) {
    append_departures(decisions, i, departures);
    tally.latency += decisions.time[decisions.first[i]];
    tally.enter(decisions, decisions.first[i], decisions.last(i));
  }
  std::ranges::sort(departures, {}, &Departure::record);

  curve.points.push_back(point(tally, curve, below_all(departures)));
  for (std::size_t d = 0; d < departures.size(); ++d) {
    const auto& departure = departures[d];
    tally.latency += decisions.time[departure.to] - decisions.time[departure.from];
    tally.leave(decisions, departure.from, departure.last);
    tally.enter(decisions, departure.to, departure.last);
    const bool group_ends =
        d + 1 == departures.size() || departures[d + 1].record != departure.record;
    if (group_ends) curve.points.push_back(point(tally, curve, departure.record));
  }
  return curve;
}

const ExitPoint& at_threshold(const ExitCurve& curve, double threshold) {
  if (std::isnan(threshold)) throw InvalidValue("the exit threshold is not a number");
  const auto above = std::ranges::upper_bound(curve.points, threshold, {}, &ExitPoint::threshold);
  return above == curve.points.begin() ? curve.points.front() : *(above - 1);
}

std::vector<ExitPoint> pareto_front(const ExitCurve& curve) {
  std::vector<ExitPoint> front;
  for (const auto& point : curve.points) {
    if (!front.empty() && point.accuracy <= front.back().accuracy) continue;
    if (!front.empty() && point.latency == front.back().latency) front.pop_back();
    front.push_back(point);
  }
  return front;
}

}  // namespace ranvier::agent
