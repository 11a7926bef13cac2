#include "networks/agent/calibration/over_time.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "networks/agent/calibration/reliability.hpp"
#include "networks/agent/calibration/temperature.hpp"

namespace ranvier::agent {

std::vector<StepCalibration> calibration_over_time(const TraceView& held_out,
                                                   const TraceView& test) {
  const auto fits = fit_temperature_per_step(held_out);
  if (test.stepped() && test.points(0) != fits.size()) {
    throw InvalidValue(
        fmt::format("the held-out record has {} steps and the test record {}; "
                    "expected as many",
                    fits.size(), test.points(0)));
  }
  std::vector<StepCalibration> result;
  for (std::size_t step = 0; step < fits.size(); ++step) {
    const auto rows = points_of_step(test, step);
    const double fitted = fits[step].temperature;
    const auto scores = proper_scores(rows, fitted);
    result.push_back({.temperature = fitted,
                      .ece_sum = reliability(rows, 1.0).ece,
                      .ece_mean = reliability(rows, static_cast<double>(step + 1)).ece,
                      .ece_horizon = reliability(rows, test.horizon()).ece,
                      .ece_fitted = reliability(rows, fitted).ece,
                      .nll_fitted = scores.nll,
                      .brier_fitted = scores.brier});
  }
  return result;
}

}  // namespace ranvier::agent
