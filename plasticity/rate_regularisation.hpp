#pragma once

/// A penalty that keeps firing rates inside bounds, so that no layer falls silent (no spike, no
/// gradient) and none fires more than the task needs.
///
///     P = strength sum_b ( max(0, r_b - upper)^2 + max(0, lower - r_b)^2 )
///
/// r_b is the mean rate of sample b in spikes per neuron and step, over the whole population; with
/// `per_neuron` the square is taken of each neuron's rate and averaged over neurons.
///
/// Source: Zenke & Vogels 2021, Neural Comput. 33:899-925.

#include <cstddef>
#include <span>
#include <vector>

#include "core/parameter.hpp"

namespace ranvier {

struct RateRegularisation {
  double strength = 0.0;
  double lower = 0.0;
  double upper = 1.0;
  bool per_neuron = false;

  static std::vector<Field<RateRegularisation>> fields();

  /// Throws InvalidValue, naming `where`, unless lower <= upper.
  void validate(std::string_view where) const;
};

/// P of the spikes [T][B][n] of one population. Adds the gradient of `weight` P to `grad_output`
/// [T][B][n], unless that is empty.
template <class Real>
double add_rate_penalty(const RateRegularisation& penalty, std::size_t steps, std::size_t samples,
                        std::span<const Real> spikes, double weight, std::span<Real> grad_output);

}  // namespace ranvier
