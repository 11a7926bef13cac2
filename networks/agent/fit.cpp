#include "networks/agent/fit.hpp"

#include <cmath>
#include <optional>

#include "core/error.hpp"
#include "networks/agent/temperature.hpp"

namespace ranvier::agent {
namespace {

bool has_fixed_threshold(const DynamicConfidenceParameters& parameters) {
  return static_cast<ThresholdFrom>(parameters.selection) == ThresholdFrom::fixed;
}

ThresholdChoice as_given(const ExitCurve& curve, double threshold) {
  const auto& point = at_threshold(curve, threshold);
  return {.threshold = threshold,
          .stops_early = &point != &curve.points.back(),
          .calibration = point,
          .final_accuracy = curve.final_accuracy,
          .horizon = curve.horizon};
}

ThresholdChoice threshold_for(const TraceView& trace, double temperature,
                              const DynamicConfidenceParameters& parameters) {
  const auto curve = exit_curve(decisions_of(trace, temperature));
  if (has_fixed_threshold(parameters)) return as_given(curve, parameters.threshold);
  return choose_threshold(curve, static_cast<Selection>(parameters.selection),
                          parameters.allowed_accuracy_loss);
}

DynamicConfidenceFit quickest_of_grid(const TraceView& trace,
                                      const DynamicConfidenceParameters& parameters) {
  if (has_fixed_threshold(parameters)) {
    throw InvalidValue(
        "temperature_fit of the dynamic-confidence agent is grid and selection is fixed; a grid "
        "needs a threshold that follows the temperature: plain, safe or paired");
  }
  const double centre = fit_temperature(every_point(trace)).temperature;
  std::optional<DynamicConfidenceFit> best;
  for (int octave = -4; octave <= 3; ++octave) {
    const double temperature = std::ldexp(centre, octave);
    const auto choice = threshold_for(trace, temperature, parameters);
    if (best && choice.calibration.latency >= best->choice.calibration.latency) continue;
    best = {.temperature = temperature, .choice = choice};
  }
  return *best;
}

double temperature_for(const TraceView& trace, const DynamicConfidenceParameters& parameters) {
  switch (static_cast<TemperatureFrom>(parameters.temperature_fit)) {
    case TemperatureFrom::fit_final: return fit_temperature(last_points(trace)).temperature;
    case TemperatureFrom::fit_all_steps: return fit_temperature(every_point(trace)).temperature;
    case TemperatureFrom::horizon: return trace.horizon();
    case TemperatureFrom::fixed:
    case TemperatureFrom::grid: return parameters.temperature;
  }
  throw InvalidValue("temperature_fit of the dynamic-confidence agent is none of its choices");
}

DynamicConfidenceFit fitted(const TraceView& trace, const DynamicConfidenceParameters& parameters) {
  if (static_cast<TemperatureFrom>(parameters.temperature_fit) == TemperatureFrom::grid) {
    return quickest_of_grid(trace, parameters);
  }
  const double temperature = temperature_for(trace, parameters);
  return {.temperature = temperature, .choice = threshold_for(trace, temperature, parameters)};
}

}  // namespace

DynamicConfidenceFit fit_dynamic_confidence(const TraceView& held_out,
                                            const DynamicConfidenceParameters& parameters) {
  const auto max_steps = static_cast<std::size_t>(parameters.max_steps);
  auto fit = fitted(max_steps > 0 ? held_out.first_steps(max_steps) : held_out, parameters);
  fit.max_steps = max_steps;
  return fit;
}

}  // namespace ranvier::agent
