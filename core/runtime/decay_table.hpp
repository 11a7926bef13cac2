#pragma once

/// exp(-n h / tau) for whole numbers n of steps, looked up.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"

namespace ranvier {

/// The table ends where a trace has fallen to 2^-64 of its value: what is left then is lost in the
/// rounding of the next spike's 1, for a double even where a thousand spikes had added up. From there
/// on it is zero.
template <class Real>
class DecayTable {
 public:
  /// `tau` and `resolution` in ms. Throws InvalidValue, naming `what`, for a time constant whose table
  /// would be longer than 2^24 steps.
  DecayTable(double tau, double resolution, std::string_view what) {
    constexpr double to_the_end = 64.0 * std::numbers::ln2;  // time constants
    constexpr double longest = 1 << 24;                      // steps
    if (!(to_the_end * tau / resolution <= longest)) {
      throw InvalidValue(
          fmt::format("{} is {} ms; expected at most {:.0f} ms at a resolution of {} ms", what, tau,
                      std::floor(longest * resolution / to_the_end), resolution));
    }
    const auto length = static_cast<std::size_t>(std::ceil(to_the_end * tau / resolution)) + 1;
    values_.resize(length + 1);
    for (std::size_t n = 0; n < length; ++n) {
      values_[n] = static_cast<Real>(std::exp(-static_cast<double>(n) * resolution / tau));
    }
    values_[length] = Real{0};
  }

  /// `steps` at least 0.
  template <class Integer>
  Real operator()(Integer steps) const {
    return values_[static_cast<std::size_t>(std::min(steps, static_cast<Integer>(last())))];
  }

  const Real* data() const { return values_.data(); }
  std::int32_t last() const { return static_cast<std::int32_t>(values_.size() - 1); }
  std::size_t bytes() const { return values_.size() * sizeof(Real); }

 private:
  std::vector<Real> values_;
};

}  // namespace ranvier
