#pragma once

/// Weight rules: from the activity on both sides of a projection to the change of its weights.

#include <cstddef>
#include <span>

#include "core/spike_rows.hpp"
#include "plasticity/kind.hpp"

namespace ranvier {

/// What is known at the synapses of a projection. A row is one sample at one step; where the input
/// is the same at every step it is one sample, its error summed over time.
template <class Real>
struct SynapticActivity {
  std::size_t rows = 0;
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  std::span<const Real> presynaptic;  ///< [rows][inputs]
  /// dL/d(drive) of the postsynaptic neurons [rows][outputs]; a row begins `error_stride` values
  /// after the one before, where they are some of a larger population. 0: as many as outputs.
  std::span<const Real> error;
  std::size_t error_stride = 0;
  const SpikeRows* spikes = nullptr;  ///< what is presynaptic, where that is sparse spikes
};

template <class Real>
class WeightRule {
 public:
  virtual ~WeightRule() = default;

  /// Adds to `grad_weights` [outputs][inputs] and, unless empty, to `grad_bias` [outputs]. The
  /// optimiser moves weights against what is accumulated.
  virtual void accumulate(const SynapticActivity<Real>& activity, std::span<Real> grad_weights,
                          std::span<Real> grad_bias) const = 0;
};

/// All weight rules known to this process.
Registry<Kind<WeightRule>>& weight_rules();

}  // namespace ranvier
