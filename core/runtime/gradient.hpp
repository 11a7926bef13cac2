#pragma once

/// The `gradient` runtime: a population run forward over a window of fixed steps for a batch of
/// samples, and its adjoint run backward over the same window.
///
/// Arrays are time-major and dense: [T][B][n], the neuron fastest. Input arrives at port 0 of the
/// model, once per step, after the flow, as in the `clock` runtime.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ranvier {

/// The threshold as the gradient runtime sees it: a step (or, for checks of the gradient, a smooth
/// function) forward, a surrogate derivative backward. Both act on whole rows.
template <class Real>
class SpikeFunction {
 public:
  virtual ~SpikeFunction() = default;
  virtual void spikes(std::span<const Real> excess, std::span<Real> spikes) const = 0;
  virtual void slopes(std::span<const Real> excess, std::span<Real> slopes) const = 0;
};

/// What the backward pass needs of a forward pass.
template <class Real>
struct Tape {
  std::size_t steps = 0;
  std::size_t samples = 0;
  std::vector<Real> states;  ///< [T][S][B][n] state variables before each step
  std::vector<Real> excess;  ///< [T][B][n] distance to threshold before reset; -inf where withheld
  std::vector<std::uint8_t>
      refractory;  ///< [T][B][n]; empty where the model has no refractory period
};

/// One population of `n` neurons in the gradient runtime.
template <class Real>
class GradientDynamics {
 public:
  virtual ~GradientDynamics() = default;

  virtual std::size_t size() const = 0;

  /// Runs `steps` steps from rest. `drive` is [T][B][n], or [1][B][n] with `constant_drive`, when
  /// the same row arrives at every step. Writes `output` [T][B][n]: spikes, or the first state
  /// variable of a model without a threshold.
  virtual void forward(std::size_t steps, std::size_t samples, std::span<const Real> drive,
                       bool constant_drive, const SpikeFunction<Real>& threshold,
                       std::span<Real> output, Tape<Real>& tape) const = 0;

  /// Adjoint of `forward`: from dL/d(output) [T][B][n] to dL/d(drive) [T][B][n]. With
  /// `detach_reset` no gradient flows through the spike in the reset.
  virtual void backward(const Tape<Real>& tape, std::span<const Real> drive, bool constant_drive,
                        std::span<const Real> output, const SpikeFunction<Real>& threshold,
                        std::span<const Real> grad_output, bool detach_reset,
                        std::span<Real> grad_drive) const = 0;
};

}  // namespace ranvier
