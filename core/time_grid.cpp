#include "core/time_grid.hpp"

#include <cmath>

#include <fmt/format.h>

#include "core/error.hpp"

namespace ranvier {

TimeGrid::TimeGrid(double resolution) : resolution_(resolution) {
  if (!(resolution > 0.0) || !std::isfinite(resolution)) {
    throw InvalidValue(
        fmt::format("resolution is {} ms; expected a time greater than 0 ms", resolution));
  }
}

Step TimeGrid::nearest(double ms) const noexcept {
  return static_cast<Step>(std::llround(ms / resolution_));
}

Step TimeGrid::at_or_after(double ms) const noexcept {
  return static_cast<Step>(std::ceil(ms / resolution_ - 1e-9));
}

Step TimeGrid::exact(double ms, std::string_view what) const {
  const double steps = ms / resolution_;
  const Step step = nearest(ms);
  if (!(std::abs(steps - static_cast<double>(step)) < 1e-6)) {
    throw InvalidValue(fmt::format("{} is {} ms; expected a multiple of the resolution, {} ms",
                                   what, ms, resolution_));
  }
  return step;
}

}  // namespace ranvier
