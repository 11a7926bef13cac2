#pragma once

/// Temperature and threshold of the agent from held-out data: recorded runs of samples that were
/// neither trained on nor are used to report results.

#include "networks/agent/dynamic_confidence.hpp"
#include "networks/agent/threshold_choice.hpp"
#include "networks/agent/trace.hpp"

namespace ranvier::agent {

struct DynamicConfidenceFit {
  double temperature = 1.0;
  ThresholdChoice choice;  ///< the threshold and what it yields on the held-out data
  std::size_t max_steps = 0;

  double threshold() const noexcept { return choice.threshold; }
  DynamicConfidence agent() const { return {temperature, threshold(), max_steps}; }
};

/// `temperature_fit` is one of
///     fixed          the given temperature
///     fit_final      smallest negative log-likelihood of the answers at the horizon
///     fit_all_steps  smallest sum of it over all decision points
///     horizon        the length of a run, as the published demonstration nearly does (30 for 27)
///     grid           of 1/16, 1/8, ..., 8 times the fit over all steps, the one whose chosen
///                    threshold is quickest: the best calibrated temperature is not the best exit
///                    score. Eight chances of a lucky threshold instead of one.
/// then `selection` takes the threshold from the exit curve at that temperature. Throws
/// InvalidValue for parameters out of bounds and for a grid with a fixed threshold, which would
/// prefer the temperature that stops first; Unsupported for `max_steps` with an event trace.
DynamicConfidenceFit fit_dynamic_confidence(const TraceView& held_out,
                                            const DynamicConfidenceParameters& parameters);

}  // namespace ranvier::agent
