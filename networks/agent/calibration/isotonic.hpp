#pragma once

/// Isotonic regression: the non-decreasing function of x closest to y in least squares.
///
/// Method: pool adjacent violators, M. Ayer et al., Ann. Math. Stat. 26:641 (1955).

#include <span>
#include <vector>

namespace ranvier::agent {

class Isotonic {
 public:
  /// For points [N] in any order; equal x share a value. Throws InvalidValue for no points, spans of
  /// unequal length or a value that is not finite.
  Isotonic(std::span<const double> x, std::span<const double> y);

  /// The value of the last block that begins at or below x, that of the first below all: a step
  /// function, which keeps the mean of y exactly.
  double at(double x) const;

  /// Blocks of constant value, in order: smallest x and value of each.
  const std::vector<double>& from() const noexcept { return from_; }
  const std::vector<double>& values() const noexcept { return values_; }

 private:
  std::vector<double> from_, values_;
};

}  // namespace ranvier::agent
