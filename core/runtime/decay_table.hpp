#pragma once

/// exp(-n h / tau) for whole numbers n of steps, looked up.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

namespace ranvier {

/// The table ends where a trace has fallen to 2^-64 of its value: what is left then is lost in the
/// rounding of the next spike's 1, for a double even where a thousand spikes had added up. From there
/// on it is zero.
template <class Real>
class DecayTable {
 public:
  DecayTable(double tau, double resolution) {
    const auto length =
        static_cast<std::size_t>(std::ceil(64.0 * std::numbers::ln2 * tau / resolution)) + 1;
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
