#pragma once

/// Pooling: the mean, or the maximum, of a square of each channel. It moves by its own width unless
/// told otherwise, and the places where it would reach over the edge are left out.

#include <cstdint>
#include <string>
#include <vector>

#include "core/parameter.hpp"
#include "networks/stages/plane_window.hpp"
#include "networks/stages/stage.hpp"

namespace ranvier {

struct PoolParameters {
  std::int64_t window = 2;
  std::int64_t stride = 0;

  static std::vector<Field<PoolParameters>> fields();
};

enum class Pooling { average, maximum };

template <class Real>
class PoolStage final : public Stage<Real> {
 public:
  /// Throws InvalidValue, naming `where`, for a window larger than the input.
  PoolStage(const PoolParameters& parameters, Pooling pooling, Shape input,
            const std::string& where);

  Shape shape() const override { return {input_.channels, plane_.out_height, plane_.out_width}; }
  void forward(const StagePass<Real>& pass, std::span<Real> output) const override;
  void backward(const StagePass<Real>& pass, const StageGradients<Real>& gradients) const override;
  std::optional<LinearMap> linear(const StageNumbers<Real>& numbers) const override;

 private:
  /// `from` holds where in the plane each maximum lies, the first place among equals.
  void maximum(std::span<const Real> plane, std::span<Real> out,
               std::span<std::uint32_t> from) const;

  Shape input_;
  Pooling pooling_;
  PlaneWindow plane_;
};

}  // namespace ranvier
