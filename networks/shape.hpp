#pragma once

/// How the values of a sample, or the neurons of a layer, are arranged: channels of rows of columns,
/// the column fastest. A flat row of D values is {D, 1, 1}, a row of D neighbours (the channels of a
/// cochlea) {1, 1, D}, a grey image {1, h, w}.

#include <cstddef>
#include <string>
#include <vector>

namespace ranvier {

struct Shape {
  std::size_t channels = 0;
  std::size_t height = 1;
  std::size_t width = 1;

  std::size_t size() const noexcept { return channels * height * width; }
  /// Values of one channel.
  std::size_t area() const noexcept { return height * width; }
  bool operator==(const Shape&) const = default;
};

/// "3 x 32 x 32", "28 x 28" or "64": without the dimensions that are one.
std::string describe(const Shape& shape);

/// The same as a list of sizes, at least one.
std::vector<std::size_t> sizes_of(const Shape& shape);

}  // namespace ranvier
