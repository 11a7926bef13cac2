#pragma once

/// How the values of a sample, or the neurons of a layer, are arranged: channels of rows of columns,
/// the column fastest. What has no such order is one channel per value.

#include <cstddef>
#include <string>

#include <fmt/format.h>

namespace ranvier {

struct Shape {
  std::size_t channels = 1;
  std::size_t height = 1;
  std::size_t width = 1;

  std::size_t size() const noexcept { return channels * height * width; }
  /// Values of one channel.
  std::size_t area() const noexcept { return height * width; }
  bool operator==(const Shape&) const = default;
};

/// "8 x 28 x 28", or "800" where there is no plane.
inline std::string to_string(const Shape& shape) {
  if (shape.area() == 1) return fmt::format("{}", shape.channels);
  return fmt::format("{} x {} x {}", shape.channels, shape.height, shape.width);
}

}  // namespace ranvier
