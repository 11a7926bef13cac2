#pragma once

/// Surrogate gradients: the threshold is a step in the forward pass, and a smooth bump around zero
/// stands in for its derivative in the backward pass.
///
///     slope(x) = height g(x / width)        x: distance to threshold, g(0) = 1
///
/// `width` has the unit of the membrane potential; `height` is the slope at threshold.
///
/// Source: Neftci, Mostafa & Zenke 2019, IEEE Signal Process. Mag. 36:51-63.

#include <span>

#include "core/runtime/gradient.hpp"
#include "plasticity/kind.hpp"

namespace ranvier {

/// `spikes` is 1 where the excess is at least zero, else 0. A neuron whose spike is withheld has an
/// excess of -inf: no spike and no slope.
template <class Real>
class Surrogate : public SpikeFunction<Real> {
 public:
  void spikes(std::span<const Real> excess, std::span<Real> spikes) const final;

  /// 1/2 plus the integral of the slope from zero: what the gradient is exact for.
  virtual void smoothed(std::span<const Real> excess, std::span<Real> spikes) const = 0;
};

/// The smooth threshold of a surrogate, forward and backward. Finite differences of a network with
/// this threshold equal its gradient. Borrows the surrogate.
template <class Real>
class SmoothedThreshold final : public SpikeFunction<Real> {
 public:
  explicit SmoothedThreshold(const Surrogate<Real>& surrogate) : surrogate_(surrogate) {}

  void spikes(std::span<const Real> excess, std::span<Real> spikes) const override {
    surrogate_.smoothed(excess, spikes);
  }
  void slopes(std::span<const Real> excess, std::span<Real> slopes) const override {
    surrogate_.slopes(excess, slopes);
  }

 private:
  const Surrogate<Real>& surrogate_;
};

/// fast_sigmoid, arctan, triangle, sigmoid.
Registry<Kind<Surrogate>>& surrogates();

}  // namespace ranvier
