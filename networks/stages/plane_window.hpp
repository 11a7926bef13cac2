#pragma once

/// A square window that moves over a plane: the places it takes, and what of it lies on the plane.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"
#include "networks/shape.hpp"

namespace ranvier {

struct PlaneWindow {
  std::size_t height, width;  ///< of the plane
  std::size_t kernel, stride, padding;
  std::size_t out_height, out_width;

  std::size_t places() const noexcept { return out_height * out_width; }

  /// The places y of the window, of `out`, at which its row (or column) `offset` lies on a plane of
  /// `extent` rows: y stride + offset - padding in [0, extent).
  std::pair<std::size_t, std::size_t> on_plane(std::size_t offset, std::size_t extent,
                                               std::size_t out) const noexcept {
    const std::size_t first = offset >= padding ? 0 : (padding - offset + stride - 1) / stride;
    const std::size_t beyond = extent + padding;
    const std::size_t last = offset >= beyond ? 0 : (beyond - offset - 1) / stride + 1;
    return {std::min(first, out), std::min(last, out)};
  }
  std::pair<std::size_t, std::size_t> rows(std::size_t offset) const noexcept {
    return on_plane(offset, height, out_height);
  }
  std::pair<std::size_t, std::size_t> columns(std::size_t offset) const noexcept {
    return on_plane(offset, width, out_width);
  }
};

/// Throws InvalidValue, naming `where`, where the window does not fit into the padded plane.
inline PlaneWindow plane_window(const Shape& input, std::int64_t kernel, std::int64_t stride,
                                std::int64_t padding, const std::string& where) {
  PlaneWindow plane{.height = input.height,
                    .width = input.width,
                    .kernel = static_cast<std::size_t>(kernel),
                    .stride = static_cast<std::size_t>(stride),
                    .padding = static_cast<std::size_t>(padding),
                    .out_height = 0,
                    .out_width = 0};
  const auto places = [&](std::size_t extent) {
    return (extent + 2 * plane.padding - plane.kernel) / plane.stride + 1;
  };
  const std::size_t smallest = std::min(input.height, input.width) + 2 * plane.padding;
  if (plane.kernel > smallest) {
    throw InvalidValue(fmt::format(
        "{}: a window of {} x {} does not fit into an input of {}; expected a size of at most {}",
        where, kernel, kernel, describe(input), smallest));
  }
  plane.out_height = places(input.height);
  plane.out_width = places(input.width);
  return plane;
}

}  // namespace ranvier
