#pragma once

/// Calibration of the answer at every step, under the usual divisors of the accumulated scores: the
/// raw sum grows over-confident with time, the sum over the whole window starts far too unsure.

#include <vector>

#include "networks/agent/record/trace.hpp"

namespace ranvier::agent {

/// Of softmax(z_t / a) at one step of the test record.
struct StepCalibration {
  double temperature = 1.0;   ///< of least log-loss at this step of the held-out record
  double ece_sum = 0.0;       ///< a = 1
  double ece_mean = 0.0;      ///< a = t
  double ece_horizon = 0.0;   ///< a = T
  double ece_fitted = 0.0;    ///< a = temperature, as the next two
  double nll_fitted = 0.0;    ///< nats
  double brier_fitted = 0.0;  ///< between 0 and 2
};

/// One entry per step. Throws Unsupported unless both records are made of steps, InvalidValue where
/// they have not as many.
std::vector<StepCalibration> calibration_over_time(const TraceView& held_out,
                                                   const TraceView& test);

}  // namespace ranvier::agent
