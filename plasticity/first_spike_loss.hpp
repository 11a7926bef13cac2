#pragma once

/// The loss of an answer by time to first spike: the class whose neuron fires first is the answer,
///
///     L = ln sum_n exp((t_y - t_n)/tau) + alpha (exp(t_y/tau_early) - 1)
///
/// with t_n the first spike of output neuron n and y the label: the cross-entropy of a softmax over
/// -t/tau, and a pull of the right answer towards early times. A neuron that stays silent counts as
/// firing at `silent`, beyond the end of the window, and feels no gradient.
///
/// Source: J. Goeltz et al. 2021, Nat. Mach. Intell. 3:823-835; the same form in Wunderlich & Pehle
/// 2021, Sci. Rep. 11:12829.

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "core/parameter.hpp"

namespace ranvier {

struct FirstSpikeLoss {
  double tau = 1.0;
  double alpha = 0.003;
  double tau_early = 10.0;

  static std::vector<Field<FirstSpikeLoss>> fields();

  /// The loss of one sample. `first`: ms of each class's first spike, infinite where it is silent.
  /// Writes dL/dt per ms to `slopes`, 0 for silent ones.
  double evaluate(std::span<const double> first, std::size_t label, double silent,
                  std::span<double> slopes) const;
};

/// The class that fires first, the lowest of several; nothing where all are silent.
std::optional<std::size_t> first_to_spike(std::span<const double> first);

}  // namespace ranvier
