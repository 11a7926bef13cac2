#pragma once

/// Units without time: a function of the present input alone, for networks that are trained first and
/// made to spike afterwards. One trained number p, where there is one, serves a whole layer.
///
///     relu   y = max(z, 0)
///     qcfs   y = p clip(floor(z L/p + 1/2)/L, 0, 1)     p: the threshold lambda;  L levels
///     lsq    y = p round(clip(z/p, 0, Q))               p: the step s;  Q = 2^bits - 1
///
/// floor and round count as the identity on the way back (straight-through), so that with
/// 1[in] = 1 inside the clip, else 0:
///
///     qcfs   dy/dz = 1[in]      dy/dp = (y - z 1[in])/p
///     lsq    dy/dz = 1[in]      dy/dp = (y - z 1[in])/p / sqrt(n Q)      n: neurons of the layer
///
/// Sources: QCFS: T. Bu et al., "Optimal ANN-SNN Conversion for High-accuracy and Ultra-low-latency
/// Spiking Neural Networks", ICLR 2022, arXiv:2303.04347; the clip before the floor follows the newer
/// of the two released programs. LSQ: S. K. Esser et al., "Learned Step Size Quantization", ICLR 2020,
/// arXiv:1902.08153, whose gradient scale this is.

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "networks/stages/stage.hpp"
#include "plasticity/kind.hpp"

namespace ranvier {

/// A quantised activation as integrate-and-fire neurons see it: `count` levels up to `threshold`.
struct Levels {
  std::size_t count = 0;
  double threshold = 0.0;
};

template <class Real>
class Activation {
 public:
  virtual ~Activation() = default;

  /// What the trained number starts from; nothing where there is none.
  virtual std::optional<double> initial() const { return std::nullopt; }
  /// Its name as a tensor.
  virtual std::string trained_name() const { return {}; }

  virtual void forward(std::span<const Real> z, Real p, std::span<Real> y) const = 0;
  /// Writes dL/dz and returns dL/dp. `neurons` are those of the layer.
  virtual double backward(std::span<const Real> z, std::span<const Real> y, Real p,
                          std::size_t neurons, std::span<const Real> grad_y,
                          std::span<Real> grad_z) const = 0;
  /// The levels at p; nothing for an activation that is not quantised.
  virtual std::optional<Levels> levels(double p) const = 0;
};

/// relu, qcfs, lsq.
Registry<Kind<Activation>>& activations();

template <class Real>
class ActivationStage final : public Stage<Real> {
 public:
  ActivationStage(std::unique_ptr<Activation<Real>> activation, Shape input)
      : activation_(std::move(activation)), shape_(input) {}

  /// The levels at the present value of the trained number.
  std::optional<Levels> levels(std::span<const Real> trained) const {
    return activation_->levels(trained.empty() ? 0.0 : static_cast<double>(trained[0]));
  }

  Shape shape() const override { return shape_; }
  std::vector<Tensor> tensors() const override;
  void initialise(std::uint64_t seed, std::uint32_t index, std::span<Real> trained,
                  std::span<Real> statistics) const override;
  void forward(const StagePass<Real>& pass, std::span<Real> output) const override;
  void backward(const StagePass<Real>& pass, const StageGradients<Real>& gradients) const override;

 private:
  std::unique_ptr<Activation<Real>> activation_;
  Shape shape_;
};

}  // namespace ranvier
