#pragma once

/// Optimisers: from a gradient to new weights. What they remember between updates is plain data, to
/// be stored and restored.

#include <cstdint>
#include <span>
#include <vector>

#include "plasticity/kind.hpp"

namespace ranvier {

/// Moments are empty before the first update, and where an optimiser has no use for them.
template <class Real>
struct OptimiserState {
  std::int64_t updates = 0;
  std::vector<Real> first;   ///< [n] velocity of sgd, mean gradient of adam
  std::vector<Real> second;  ///< [n] mean squared gradient of adam
};

template <class Real>
class Optimiser {
 public:
  virtual ~Optimiser() = default;

  /// The learning rate before any schedule.
  virtual double learning_rate() const = 0;

  /// One update of `weights` [n] along `gradient` [n] at `factor` times the learning rate. Throws
  /// InvalidValue where the sizes of gradient, weights and state do not agree.
  virtual void update(std::span<const Real> gradient, double factor, std::span<Real> weights,
                      OptimiserState<Real>& state) const = 0;
};

/// sgd, adam.
Registry<Kind<Optimiser>>& optimisers();

}  // namespace ranvier
