#pragma once

/// Confidence of an accumulated read-out: softmax(z / a) and the shortcuts that avoid computing it.
///
/// Method: C. Li, E. Jones, S. Furber, "Unleashing the Potential of Spiking Neural Networks with
/// Dynamic Confidence", ICCV 2023, arXiv:2303.10276.

#include <cstddef>
#include <span>

namespace ranvier::agent {

/// Throws InvalidValue unless the temperature is finite and greater than 0.
void check_temperature(double temperature);

/// Throws InvalidValue unless 0 < threshold <= 1. At 1 nothing ever stops early.
void check_threshold(double threshold);

/// The class with the largest score; the lowest index among equals.
std::size_t argmax(std::span<const double> scores);

/// c = max_k softmax(z / a)_k = 1 / sum_k exp((z_k - max z) / a), from K scores. No exponent is
/// positive, so nothing overflows; c saturates to exactly 1 where the gap exceeds about 37 a.
double confidence(std::span<const double> scores, double temperature);

/// softmax(z / a) into `probabilities` [K].
void softmax(std::span<const double> scores, double temperature, std::span<double> probabilities);

/// What the gap g = z_(1) - z_(2) between the two largest scores says about c > theta:
///     g <= impossible:  no   impossible = a ln(theta / (1 - theta)), since c <= 1/(1 + e^(-g/a))
///     g > certain:      yes  certain = a ln((K-1) theta / (1 - theta)), all others tied
/// Between the two the softmax decides. Both are widened by the rounding error of `confidence`, so
/// that the shortcut never contradicts the comparison it replaces.
struct GapBracket {
  double impossible = 0.0;
  double certain = 0.0;
};

/// For K >= 2 classes.
GapBracket gap_bracket(std::size_t classes, double temperature, double threshold);

/// The two largest scores: `best` as `argmax`, and how far the next one lies below it.
struct Leader {
  std::size_t best = 0;
  double gap = 0.0;
};

/// Throws InvalidValue for fewer than two scores or for scores that are not finite.
Leader leader(std::span<const double> scores);

/// confidence(scores, temperature) > threshold, with exponentials only inside the bracket.
bool exceeds(std::span<const double> scores, double gap, const GapBracket& bracket,
             double temperature, double threshold);

}  // namespace ranvier::agent
