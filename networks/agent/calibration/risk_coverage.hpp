#pragma once

/// How well a score tells right answers from wrong ones: what a threshold on it has to work with.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ranvier::agent {

/// Answering only the samples of the highest scores, of every share.
struct RiskCoverage {
  std::vector<double> coverage;  ///< share answered, rising to 1; equal scores enter together
  std::vector<double> risk;      ///< share of the answered that is wrong
  double area = 0.0;             ///< of the risk over the coverage, one step for each sample
  /// Probability that a right answer has a higher score than a wrong one, ties counting half: the
  /// area under the receiver operating characteristic. Empty where all or none are right.
  std::optional<double> auroc;
};

/// For `score` [N] and `correct` [N] in {0, 1}. Throws InvalidValue for no samples, spans of unequal
/// length or a score that is not a number.
RiskCoverage risk_coverage(std::span<const double> score, std::span<const std::uint8_t> correct);

}  // namespace ranvier::agent
