#pragma once

/// When a device is on: from `start` to `stop`.

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/parameter.hpp"
#include "core/time_grid.hpp"

namespace ranvier {

struct ActiveInterval {
  double start = 0.0;                                     ///< ms
  double stop = std::numeric_limits<double>::infinity();  ///< ms

  /// Throws InvalidValue unless `start` is finite and `stop` does not come before it.
  void validate(std::string_view where) const {
    if (!std::isfinite(start)) {
      throw InvalidValue(fmt::format("start of {} is {} ms; expected a finite time", where, start));
    }
    if (stop < start) {
      throw InvalidValue(fmt::format("stop of {} is {} ms; expected at least its start, {} ms",
                                     where, stop, start));
    }
  }
};

template <class P>
std::vector<Field<P>> active_interval_fields() {
  constexpr Bounds zero_to_infinity{.lower = 0.0};
  return {real<P>("start", &P::start, "ms", non_negative, "when the device is switched on"),
          real<P>("stop", &P::stop, "ms", zero_to_infinity,
                  "when it is switched off; infinite for never")};
}

/// The step of a time on the grid, as TimeGrid::at_or_after; times too far for a step, infinity
/// among them, give a step that no run reaches.
inline Step reachable_step(const TimeGrid& grid, double ms) {
  constexpr double farthest = 4.5e15;  // steps; whole numbers are exact up to here
  if (!(ms / grid.resolution() < farthest)) return static_cast<Step>(farthest);
  return grid.at_or_after(ms);
}

/// The steps in which a device is on: those in (after, last].
struct ActiveSteps {
  ActiveSteps(const ActiveInterval& interval, const TimeGrid& grid)
      : after(reachable_step(grid, interval.start)), last(reachable_step(grid, interval.stop)) {}

  bool contains(Step step) const { return step > after && step <= last; }

  Step after, last;
};

}  // namespace ranvier
