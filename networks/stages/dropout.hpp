#pragma once

/// Dropout: in training, each value of a sample is silenced with probability p and the others are
/// divided by 1 - p. Which ones is a pure function of (seed, epoch, sample, stage) and stays the same
/// over all steps of a presentation.
///
/// Source: N. Srivastava et al. 2014, J. Mach. Learn. Res. 15:1929-1958.

#include <cstdint>

#include "networks/stages/stage.hpp"

namespace ranvier {

template <class Real>
class DropoutStage final : public Stage<Real> {
 public:
  /// `index` tells the dropouts of a network apart; 0 <= p < 1.
  DropoutStage(double p, Shape input, std::uint32_t index) : p_(p), shape_(input), index_(index) {}

  Shape shape() const override { return shape_; }
  void forward(const StagePass<Real>& pass, std::span<Real> output) const override;
  void backward(const StagePass<Real>& pass, const StageGradients<Real>& gradients) const override;
  std::optional<LinearMap> linear(const StageNumbers<Real>& numbers) const override;

 private:
  void draw(const ChunkWindow& window, std::vector<Real>& mask) const;
  static void multiply(std::span<const Real> from, std::span<const Real> mask, std::span<Real> to);

  double p_;
  Shape shape_;
  std::uint32_t index_;
};

}  // namespace ranvier
