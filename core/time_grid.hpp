#pragma once

/// The grid of fixed steps: milliseconds to steps and back.

#include <cstdint>
#include <string_view>

namespace ranvier {

/// A whole number of steps of the resolution.
using Step = std::int64_t;

class TimeGrid {
 public:
  /// `resolution` in ms; throws InvalidValue unless it is greater than zero and finite.
  explicit TimeGrid(double resolution);

  double resolution() const noexcept { return resolution_; }
  double ms(Step step) const noexcept { return static_cast<double>(step) * resolution_; }

  /// The nearest step.
  Step nearest(double ms) const noexcept;

  /// The first step at or after a time. Times within 1e-9 of a step count as that step, so that
  /// what was written as 0.3 ms falls on the third step of 0.1 ms.
  Step at_or_after(double ms) const noexcept;

  /// `nearest`, for quantities that must fall on the grid: throws InvalidValue naming `what` where
  /// the time lies more than a millionth of a step beside it.
  Step exact(double ms, std::string_view what) const;

 private:
  double resolution_;
};

}  // namespace ranvier
