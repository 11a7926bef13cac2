#pragma once

/// How well confidences match accuracies.
///
/// Source: C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, "On Calibration of Modern Neural Networks",
/// ICML 2017, arXiv:1706.04599, section 2 (reliability diagram, ECE, MCE).

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "networks/agent/calibration/temperature.hpp"

namespace ranvier::agent {

inline constexpr std::size_t default_bins = 15;

/// Samples whose confidence lies in (lower, upper]; a confidence of 0 belongs to the first bin.
struct ReliabilityBin {
  double lower = 0.0, upper = 0.0;
  std::size_t count = 0;
  double accuracy = 0.0;    ///< share that is right; 0 in an empty bin
  double confidence = 0.0;  ///< mean; 0 in an empty bin
};

/// With gap(b) = |accuracy(b) - confidence(b)| over the non-empty bins. All three errors are biased
/// upwards for few samples, by about sqrt(bins / samples).
struct Reliability {
  std::vector<ReliabilityBin> bins;
  double ece = 0.0;              ///< expected calibration error: gaps weighted by share of samples
  double mce = 0.0;              ///< maximum calibration error: the largest gap
  double ace = 0.0;              ///< average calibration error: unweighted mean of the gaps
  double accuracy = 0.0;         ///< of all samples
  double mean_confidence = 0.0;  ///< of all samples
};

/// For `confidence` [N] in [0, 1] and `correct` [N] in {0, 1}. Throws InvalidValue for no samples,
/// spans of unequal length, no bins or a confidence outside [0, 1].
Reliability reliability(std::span<const double> confidence, std::span<const std::uint8_t> correct,
                        std::size_t bins = default_bins);

/// The same with bins of equal mass: edges at the quantiles of the confidence, equal confidences in
/// one bin. Its `ece` is the adaptive one.
Reliability adaptive_reliability(std::span<const double> confidence,
                                 std::span<const std::uint8_t> correct,
                                 std::size_t bins = default_bins);

/// Proper scores of softmax(z / a), weighted means over the rows.
struct ProperScores {
  double nll = 0.0;    ///< -ln p_y, nats
  double brier = 0.0;  ///< sum over classes of (p_k - 1[k = y])^2, between 0 and 2
};

/// Throws InvalidValue for no rows or a temperature that is not positive.
ProperScores proper_scores(std::span<const LabelledScores> rows, double temperature);

/// The reliability of softmax(z / a) over the rows, weights ignored.
Reliability reliability(std::span<const LabelledScores> rows, double temperature,
                        std::size_t bins = default_bins);

}  // namespace ranvier::agent
