#pragma once

/// Images in memory, a byte a value: MNIST takes 47 MB so, four times that in float.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "networks/examples.hpp"

namespace ranvier {

class ByteExamples final : public Examples {
 public:
  /// `bytes` [N][channels][height][width], `labels` [N]; the byte `full_scale` is the value 1.
  /// Throws InvalidValue where their numbers do not fit.
  ByteExamples(Shape shape, std::vector<std::uint8_t> bytes, std::vector<std::uint8_t> labels,
               double full_scale = 255.0);

  std::size_t size() const noexcept override { return labels_.size(); }
  Shape shape() const noexcept override { return shape_; }
  std::uint8_t label(std::size_t i) const override { return labels_[i]; }
  void values(std::size_t i, std::uint32_t epoch, std::span<float> to) const override;

 private:
  Shape shape_;
  std::vector<std::uint8_t> bytes_;
  std::vector<std::uint8_t> labels_;
  std::array<float, 256> value_{};  ///< of each byte
};

}  // namespace ranvier
