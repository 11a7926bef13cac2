#pragma once

/// Columns of rows in the narrowest type that holds every value exactly, or in none where all values
/// are equal.

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

namespace ranvier {

/// A column in the narrower of two types that holds every value exactly; the other is empty.
template <class Narrow, class Wide>
struct PackedColumn {
  std::vector<Narrow> narrow;
  std::vector<Wide> wide;

  std::size_t bytes() const { return narrow.size() * sizeof(Narrow) + wide.size() * sizeof(Wide); }
};

/// Calls `use` with the data of the column that is filled.
template <class Narrow, class Wide, class Use>
void with_filled(const PackedColumn<Narrow, Wide>& column, Use&& use) {
  if (column.wide.empty()) {
    use(column.narrow.data());
  } else {
    use(column.wide.data());
  }
}

template <class Narrow, class Wide>
void pack(const std::vector<Wide>& values, PackedColumn<Narrow, Wide>& column) {
  const auto fits = [](Wide value) {
    if constexpr (std::numeric_limits<Wide>::is_integer) {
      return value <= std::numeric_limits<Narrow>::max();
    } else {
      // Out of the range of Narrow the conversion would be undefined.
      return value >= std::numeric_limits<Narrow>::lowest() &&
             value <= std::numeric_limits<Narrow>::max() &&
             static_cast<Wide>(static_cast<Narrow>(value)) == value;
    }
  };
  if (std::ranges::all_of(values, fits)) {
    column.narrow.resize(values.size());
    std::ranges::transform(values, column.narrow.begin(),
                           [](Wide value) { return static_cast<Narrow>(value); });
  } else {
    column.wide = values;
  }
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
