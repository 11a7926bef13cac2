#include "experiments/datasets/sources/byte_examples.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"

namespace ranvier {

ByteExamples::ByteExamples(Shape shape, std::vector<std::uint8_t> bytes,
                           std::vector<std::uint8_t> labels, double full_scale)
    : shape_(shape), bytes_(std::move(bytes)), labels_(std::move(labels)) {
  if (bytes_.size() != labels_.size() * shape_.size()) {
    throw InvalidValue(fmt::format("{} bytes for {} samples of {}; expected {}", bytes_.size(),
                                   labels_.size(), describe(shape_),
                                   labels_.size() * shape_.size()));
  }
  for (std::size_t b = 0; b < value_.size(); ++b) {
    value_[b] = static_cast<float>(b) / static_cast<float>(full_scale);
  }
}

void ByteExamples::values(std::size_t i, std::uint32_t, std::span<float> to) const {
  const auto from = std::span(bytes_).subspan(i * shape_.size(), shape_.size());
  std::ranges::transform(from, to.begin(), [this](std::uint8_t b) { return value_[b]; });
}

}  // namespace ranvier
