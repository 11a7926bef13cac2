#pragma once

/// All measures of calibration of predicted distributions, each with a bootstrap interval, and what
/// a perfectly calibrated predictor would show on as many samples.
///
/// Sources: expected, maximum and average error, Guo et al. 2017, arXiv:1706.04599; adaptive and
/// classwise error as in the released program of Mukhoti et al. 2020, arXiv:2002.09437.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "networks/agent/calibration/bootstrap.hpp"
#include "networks/agent/calibration/reliability.hpp"
#include "networks/agent/calibration/temperature.hpp"

namespace ranvier::agent {

struct Predictions {
  std::size_t classes = 0;
  std::vector<double> probabilities;  ///< [N][K]
  std::vector<std::uint8_t> labels;   ///< [N]

  std::size_t samples() const noexcept { return labels.size(); }
  std::span<const double> at(std::size_t sample) const {
    return std::span(probabilities).subspan(sample * classes, classes);
  }
};

/// softmax(z / a) of the rows, weights ignored. Throws InvalidValue for no rows or a temperature
/// that is not positive.
Predictions predictions_of(std::span<const LabelledScores> rows, double temperature);

/// gap = |accuracy - mean confidence| of a bin, over the non-empty bins.
struct CalibrationErrors {
  double ece = 0.0;            ///< gaps weighted by share of samples, bins of equal width
  double mce = 0.0;            ///< the largest gap
  double ace = 0.0;            ///< unweighted mean of the gaps
  double adaptive_ece = 0.0;   ///< as ece, with bin edges at the quantiles of the confidence
  double classwise_ece = 0.0;  ///< mean over the classes k of the ece of p_k against 1[y = k]
  double nll = 0.0;            ///< -ln p_y, nats
  double brier = 0.0;          ///< sum over the classes of (p_k - 1[k = y])^2, between 0 and 2
};

/// Of the samples `rows`, repetitions counted. Throws InvalidValue for none of either, or for no
/// bins.
CalibrationErrors calibration_errors(const Predictions& predictions,
                                     std::span<const std::uint32_t> rows,
                                     std::size_t bins = default_bins);

/// Lower and upper ends of the intervals of all errors.
struct CalibrationReport {
  CalibrationErrors value{}, lower{}, upper{};
  /// ECE of outcomes drawn with the predicted confidences, right with probability c: what is left of
  /// it in a perfectly calibrated predictor on these samples. Mean and interval over the replicates.
  double ece_if_calibrated = 0.0;
  Interval ece_if_calibrated_interval{};
};

/// Throws InvalidValue as `calibration_errors` does, and for options that make no interval. ECE is
/// biased upwards for few samples, a resample's even more: its interval may lie above the value.
CalibrationReport calibration_report(const Predictions& predictions,
                                     const BootstrapOptions& options = {},
                                     std::size_t bins = default_bins);

}  // namespace ranvier::agent
