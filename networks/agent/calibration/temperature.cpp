#include "networks/agent/calibration/temperature.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/error.hpp"

namespace ranvier::agent {
namespace {

/// How far from 1/spread the inverse temperature is sought, either way.
constexpr double search_range = 1e3;

/// Root mean square deviation of the scores of a row from their mean: the loss depends on the
/// scores through their differences only.
double spread(std::span<const LabelledScores> rows) {
  double sum = 0.0, weight = 0.0;
  for (const auto& row : rows) {
    const double classes = static_cast<double>(row.scores.size());
    double mean = 0.0, squares = 0.0;
    for (const double z : row.scores) mean += z / classes;
    for (const double z : row.scores) squares += (z - mean) * (z - mean) / classes;
    sum += row.weight * squares;
    weight += row.weight;
  }
  return std::sqrt(sum / weight);
}

/// Newton's proposal, at most a factor of 4 away; the geometric middle of the bracket where that
/// leaves it. A proposal to stay at an end of the bracket is the solution.
double next_guess(double b, const Likelihood& here, double lower, double upper) {
  const double newton = b - here.slope / here.curvature;
  const double guess = std::clamp(newton, b / 4.0, 4.0 * b);
  const bool usable = std::isfinite(newton) && guess >= lower && guess <= upper;
  return usable ? guess : std::sqrt(lower * upper);
}

TemperatureFit at_end(std::span<const LabelledScores> rows, double b) {
  return {.temperature = 1.0 / b, .nll = likelihood(rows, b).nll, .interior = false};
}

}  // namespace

std::vector<LabelledScores> every_point(const TraceView& trace) {
  std::vector<LabelledScores> rows;
  for (std::size_t i = 0; i < trace.samples(); ++i) {
    const double weight = 1.0 / static_cast<double>(trace.points(i));
    for (std::size_t k = 0; k < trace.points(i); ++k) {
      rows.push_back({trace.scores(i, k), trace.label(i), weight});
    }
  }
  return rows;
}

std::vector<LabelledScores> last_points(const TraceView& trace) {
  std::vector<LabelledScores> rows;
  for (std::size_t i = 0; i < trace.samples(); ++i) {
    rows.push_back({trace.scores(i, trace.points(i) - 1), trace.label(i)});
  }
  return rows;
}

std::vector<LabelledScores> points_of_step(const TraceView& trace, std::size_t step) {
  if (!trace.stepped()) throw Unsupported("the points of one step need a trace made of steps");
  if (step >= trace.points(0)) {
    throw InvalidValue(fmt::format("step {} was asked of a trace of {} steps; expected 0 to {}",
                                   step, trace.points(0), trace.points(0) - 1));
  }
  std::vector<LabelledScores> rows;
  for (std::size_t i = 0; i < trace.samples(); ++i) {
    rows.push_back({trace.scores(i, step), trace.label(i)});
  }
  return rows;
}

Likelihood likelihood(std::span<const LabelledScores> rows, double inverse_temperature) {
  const double b = inverse_temperature;
  Likelihood sum;
  double weight = 0.0;
  for (const auto& row : rows) {
    // Scores relative to the largest: exponents stay negative and the moments small.
    const double top = *std::ranges::max_element(row.scores);
    double mass = 0.0, mean = 0.0, square = 0.0;
    for (const double z : row.scores) {
      const double d = z - top;
      const double e = std::exp(b * d);
      mass += e;
      mean += e * d;
      square += e * d * d;
    }
    mean /= mass;
    square /= mass;
    const double truth = row.scores[row.label] - top;
    sum.nll += row.weight * (std::log(mass) - b * truth);
    sum.slope += row.weight * (mean - truth);
    sum.curvature += row.weight * std::max(0.0, square - mean * mean);
    weight += row.weight;
  }
  return {sum.nll / weight, sum.slope / weight, sum.curvature / weight};
}

TemperatureFit fit_temperature(std::span<const LabelledScores> rows) {
  if (rows.empty()) throw InvalidValue("the temperature fit was given no samples");
  const double scale = spread(rows);
  if (!(scale > 0.0)) {
    return {.temperature = 1.0, .nll = likelihood(rows, 1.0).nll, .interior = false};
  }
  double b = 1.0 / scale, lower = b / search_range, upper = b * search_range;
  if (likelihood(rows, lower).slope >= 0.0) return at_end(rows, lower);
  if (likelihood(rows, upper).slope <= 0.0) return at_end(rows, upper);

  TemperatureFit fit;
  while (fit.iterations < 200) {
    const auto here = likelihood(rows, b);
    ++fit.iterations;
    (here.slope < 0.0 ? lower : upper) = b;
    const double next = next_guess(b, here, lower, upper);
    const double change = std::abs(next - b);
    b = next;
    if (change <= 1e-9 * b) break;
  }
  fit.temperature = 1.0 / b;
  fit.nll = likelihood(rows, b).nll;
  return fit;
}

std::vector<TemperatureFit> fit_temperature_per_step(const TraceView& trace) {
  if (!trace.stepped()) throw Unsupported("a fit per step needs a trace made of steps");
  std::vector<TemperatureFit> fits;
  for (std::size_t step = 0; step < trace.points(0); ++step) {
    fits.push_back(fit_temperature(points_of_step(trace, step)));
  }
  return fits;
}

}  // namespace ranvier::agent
