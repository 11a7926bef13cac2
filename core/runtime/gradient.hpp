#pragma once

/// The `gradient` runtime: a population run forward over a window of fixed steps for a batch of
/// samples, and its adjoint run backward over the same window.
///
/// Arrays are time-major and dense: [T][B][n], the neuron fastest. Input arrives at port 0 of the
/// model, once per step, after the flow, as in the `clock` runtime. A run may be cut into windows:
/// what a window leaves behind is where the next one starts.

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

/// What arrives at a population over a window: [T][B][n], or [1][B][n] where every step is the same.
template <class Real>
struct Drive {
  std::span<const Real> values;
  std::size_t steps = 0;
  std::size_t samples = 0;
  bool constant = false;
};

/// What a population carries from one window to the next.
template <class Real>
struct CarriedState {
  std::vector<Real> variables;           ///< [S][B][n]
  std::vector<std::int32_t> refractory;  ///< [B][n] steps left; empty without a refractory period
};

/// What the backward pass needs of a forward pass.
template <class Real>
struct Tape {
  std::vector<Real> states;            ///< [T][S][B][n] state variables before each step
  std::vector<std::uint8_t> withheld;  ///< [T][B][n] refractory; empty without such a period
};

/// Which paths from a loss back to its causes are followed.
struct Credit {
  bool through_reset = false;      ///< through the spike in the reset
  bool through_time = true;        ///< from the state of a step to that of the step before
  bool through_recurrence = true;  ///< from a spike that came back as input to the one who sent it
};

/// One population of `n` neurons in the gradient runtime.
template <class Real>
class GradientDynamics {
 public:
  virtual ~GradientDynamics() = default;

  virtual std::size_t size() const = 0;
  /// S, the number of state variables. One that only stimulus devices move is not among them.
  virtual std::size_t variables() const = 0;
  /// The state at time zero.
  virtual CarriedState<Real> start(std::size_t samples) const = 0;

  /// Makes room for `steps` steps.
  virtual void reserve(std::size_t steps, std::size_t samples, Tape<Real>& tape) const = 0;

  /// Runs `drive.steps` steps from `state`, which becomes that after them. Writes `output` [T][B][n]
  /// (spikes, or the first state variable of a model without a threshold) and, from step `first`
  /// on, the tape.
  virtual void forward(const Drive<Real>& drive, const SpikeFunction<Real>& threshold,
                       CarriedState<Real>& state, std::span<Real> output, Tape<Real>& tape,
                       std::size_t first = 0) const = 0;

  /// Adjoint of `forward`: from dL/d(output) [T][B][n] to dL/d(drive) [T][B][n]. `adjoint` [S][B][n]
  /// is dL/d(state after the window) and becomes that before it. Adds to `grad_trained` [P], or
  /// [P][n] for parameters of each neuron, the derivatives by the logarithm of the trained parameters.
  virtual void backward(const Drive<Real>& drive, std::span<const Real> output,
                        const Tape<Real>& tape, const SpikeFunction<Real>& threshold,
                        const Credit& credit, std::span<const Real> grad_output,
                        std::span<Real> adjoint, std::span<Real> grad_drive,
                        std::span<double> grad_trained, std::size_t first = 0) const = 0;
};

}  // namespace ranvier
