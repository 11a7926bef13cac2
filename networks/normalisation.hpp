#pragma once

/// Shift and scale of values by channel, (x - mean) / deviation: as networks are customarily fed.

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "networks/examples.hpp"

namespace ranvier {

/// One number for each channel, or one for all; empty: values stay as they are.
struct Normalisation {
  std::vector<double> mean;
  std::vector<double> deviation;

  bool empty() const noexcept { return mean.empty() && deviation.empty(); }

  /// Throws InvalidValue, beginning with `where`, where the channels of `shape` are not as many or a
  /// deviation is not greater than 0.
  void validate(const Shape& shape, std::string_view where) const;
};

/// Normalises the values of one sample, channels first.
void normalise(const Normalisation& normalisation, std::span<float> values);

}  // namespace ranvier
