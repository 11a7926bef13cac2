#pragma once

/// A column of rows in the narrower of two types that holds every value exactly.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

#include "core/large_array.hpp"

namespace ranvier {

/// Only one of the arrays is filled.
template <class Narrow, class Wide>
struct PackedColumn {
  LargeArray<Narrow> narrow;
  LargeArray<Wide> wide;

  std::size_t bytes() const { return narrow.size() * sizeof(Narrow) + wide.size() * sizeof(Wide); }

  /// Calls `use` with the array that is filled.
  template <class Use>
  void with_filled(Use&& use) const {
    if (wide.empty()) {
      use(narrow.data());
    } else {
      use(wide.data());
    }
  }
};

/// Whether a float holds each of the values exactly.
template <class Values>
bool are_floats(const Values& values) {
  return std::ranges::all_of(values, [](double value) {
    return std::abs(value) <= static_cast<double>(std::numeric_limits<float>::max()) &&
           static_cast<double>(static_cast<float>(value)) == value;
  });
}

/// The value that all share; zero where there are none.
template <class T>
std::optional<T> common_value(const std::vector<T>& values) {
  if (values.empty()) return T{};
  const T first = values.front();
  const bool common = std::ranges::all_of(values, [&](const T& value) { return value == first; });
  return common ? std::optional(first) : std::nullopt;
}

}  // namespace ranvier
