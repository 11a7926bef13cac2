#include "networks/shape.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ranvier {

std::vector<std::size_t> sizes_of(const Shape& shape) {
  if (shape.height == 1 && shape.width == 1) return {shape.channels};
  if (shape.channels == 1 && shape.height == 1) return {shape.width};
  if (shape.channels == 1) return {shape.height, shape.width};
  return {shape.channels, shape.height, shape.width};
}

std::string describe(const Shape& shape) {
  return fmt::format("{}", fmt::join(sizes_of(shape), " x "));
}

}  // namespace ranvier
