#include "networks/agent/selection/threshold_choice.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "core/error.hpp"

namespace ranvier::agent {
namespace {

/// The 95 % point of the standard normal distribution.
constexpr double one_sided_95 = 1.64;

/// Absorbs the rounding of eps; far below the 1/N by which accuracies differ.
constexpr double rounding = 1e-12;

struct PairedDifference {
  double mean, lower;
};

PairedDifference paired_difference(const ExitPoint& point, std::size_t samples) {
  const double n = static_cast<double>(samples);
  const double gained = static_cast<double>(point.gained), lost = static_cast<double>(point.lost);
  const double mean = (gained - lost) / n;
  const double variance = std::max(0.0, (gained + lost) / n - mean * mean);
  return {mean, mean - one_sided_95 * std::sqrt(variance / n)};
}

std::size_t cheapest(const ExitCurve& curve, Selection selection, double loss) {
  const auto keeps = [&](const ExitPoint& point) {
    const auto d = paired_difference(point, curve.samples);
    return (selection == Selection::paired ? d.lower : d.mean) >= -loss - rounding;
  };
  // Latency never falls along the curve, and its last point always keeps the accuracy.
  if (selection == Selection::plain) {
    return static_cast<std::size_t>(std::ranges::find_if(curve.points, keeps) -
                                    curve.points.begin());
  }
  auto index = curve.points.size() - 1;
  while (index > 0 && keeps(curve.points[index - 1])) --index;
  return index;
}

}  // namespace

ThresholdChoice chosen(const ExitCurve& curve, const ExitPoint& point) {
  ThresholdChoice choice{.threshold = point.threshold,
                         .stops_early = point.latency < curve.points.back().latency,
                         .calibration = point,
                         .final_accuracy = curve.final_accuracy,
                         .horizon = curve.horizon};
  // A score never seen here must not stop early either.
  if (!choice.stops_early) {
    choice.threshold = choice.calibration.threshold = std::numeric_limits<double>::infinity();
  }
  return choice;
}

ThresholdChoice choose_threshold(const ExitCurve& curve, Selection selection,
                                 double allowed_accuracy_loss) {
  if (!(allowed_accuracy_loss >= 0.0 && allowed_accuracy_loss <= 1.0)) {
    throw InvalidValue(fmt::format("the allowed accuracy loss is {}; expected between 0 and 1",
                                   allowed_accuracy_loss));
  }
  return chosen(curve, curve.points[cheapest(curve, selection, allowed_accuracy_loss)]);
}

ExitPoint most_accurate_within(const ExitCurve& curve, double latency) {
  const auto front = pareto_front(curve);
  if (!(latency >= front.front().latency)) {
    throw InvalidValue(
        fmt::format("a mean latency of {} was asked for; the smallest possible is {}", latency,
                    front.front().latency));
  }
  const auto beyond = std::ranges::upper_bound(front, latency, {}, &ExitPoint::latency);
  return *(beyond - 1);
}

ExitPoint best_at_price(const ExitCurve& curve, double price) {
  if (!(std::isfinite(price) && price >= 0.0)) {
    throw InvalidValue(
        fmt::format("the price of latency is {}; expected a finite number, 0 or more", price));
  }
  return std::ranges::max(curve.points, {}, [price](const ExitPoint& point) {
    return point.accuracy - price * point.latency;
  });
}

}  // namespace ranvier::agent
