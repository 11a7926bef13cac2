#include "networks/agent/calibration/smoothing.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"

namespace ranvier::agent {
namespace {

/// Keeps a divisor that is 0 at time 0 usable: everything is then as confident as can be.
constexpr double smallest = 1e-9;

double summed_nll(const std::vector<std::vector<LabelledScores>>& steps, double offset,
                  double slope) {
  double sum = 0.0;
  for (std::size_t t = 0; t < steps.size(); ++t) {
    const double temperature = offset + slope * static_cast<double>(t + 1);
    if (!(temperature > smallest)) return std::numeric_limits<double>::infinity();
    sum += likelihood(steps[t], 1.0 / temperature).nll;
  }
  return sum;
}

std::vector<double> temperatures_per_step(const TraceView& trace) {
  std::vector<double> result;
  for (const auto& fit : fit_temperature_per_step(trace)) result.push_back(fit.temperature);
  return result;
}

}  // namespace

Smoothing Smoothing::linear(double offset, double slope) {
  Smoothing result(offset);
  result.slope_ = slope;
  return result;
}

Smoothing Smoothing::each(std::vector<double> temperatures) {
  Smoothing result;
  result.table_ = std::move(temperatures);
  return result;
}

double Smoothing::at(std::size_t decision, double time) const {
  if (!table_.empty()) return table_[std::min(decision, table_.size()) - 1];
  return std::max(smallest, offset_ + slope_ * time);
}

std::vector<double> Smoothing::values() const {
  if (!table_.empty()) return table_;
  if (slope_ != 0.0) return {offset_, slope_};
  return {offset_};
}

Smoothing fit_linear_smoothing(const TraceView& trace) {
  const auto ends = temperatures_per_step(trace);
  std::vector<std::vector<LabelledScores>> steps;
  for (std::size_t t = 0; t < ends.size(); ++t) steps.push_back(points_of_step(trace, t));
  if (steps.size() == 1) return Smoothing(ends.front());

  // Along the line's values at the first and the last step, which are positive and independent.
  const double last = static_cast<double>(steps.size());
  const auto line_of = [last](double first, double end) {
    const double slope = (end - first) / (last - 1.0);
    return std::pair(first - slope, slope);
  };
  const auto loss = [&](double first, double end) {
    const auto line = line_of(first, end);
    return summed_nll(steps, line.first, line.second);
  };
  double first = ends.front(), end = ends.back(), best = loss(first, end);
  for (double stride = 0.5; stride > 1e-4;) {
    bool moved = false;
    for (const double factor : {1.0 + stride, 1.0 / (1.0 + stride)}) {
      for (const bool at_first : {true, false}) {
        const double new_first = at_first ? first * factor : first;
        const double new_end = at_first ? end : end * factor;
        const double value = loss(new_first, new_end);
        if (!(value < best)) continue;
        first = new_first;
        end = new_end;
        best = value;
        moved = true;
      }
    }
    if (!moved) stride /= 2.0;
  }
  const auto line = line_of(first, end);
  return Smoothing::linear(line.first, line.second);
}

Smoothing fit_smoothing(const TraceView& held_out, const SmoothingParameters& parameters) {
  switch (static_cast<TemperatureFrom>(parameters.temperature_fit)) {
    case TemperatureFrom::fixed: return Smoothing(parameters.temperature);
    case TemperatureFrom::fit_final:
      return Smoothing(fit_temperature(last_points(held_out)).temperature);
    case TemperatureFrom::fit_all_steps:
      return Smoothing(fit_temperature(every_point(held_out)).temperature);
    case TemperatureFrom::horizon: return Smoothing(held_out.horizon());
    case TemperatureFrom::mean_logits: return Smoothing::linear(0.0, 1.0);
    case TemperatureFrom::fit_each_step: return Smoothing::each(temperatures_per_step(held_out));
    case TemperatureFrom::fit_linear: return fit_linear_smoothing(held_out);
    case TemperatureFrom::grid: break;
  }
  throw InvalidValue(
      "temperature_fit is grid, which chooses by latency; expected a fit for this exit rule");
}

bool known_without_data(const SmoothingParameters& parameters) {
  const auto from = static_cast<TemperatureFrom>(parameters.temperature_fit);
  return from == TemperatureFrom::fixed || from == TemperatureFrom::mean_logits;
}

}  // namespace ranvier::agent
