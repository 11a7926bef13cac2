#pragma once

/// A population as the map of its weighted mean input to its weighted mean output, by which it is
/// differentiated instead of step by step: no surrogate, and the same error for every step.
///
/// With R(v) = sum_t w[t] v[t] / sum_t w[t], w[t] = leak^(T - t), a membrane that is reset by
/// subtraction keeps R(spikes) near clip((gain R(input) + offset) / threshold, 0, 1). Its derivative,
/// at the mean R(dL/d(spikes)), goes to every step alike.
///
/// Source: Meng et al. 2022, CVPR, arXiv:2205.00459; the form, that of the code of Xiao et al. 2024,
/// ICLR, arXiv:2402.11984, which spreads the error evenly.

#include <cstddef>
#include <span>
#include <string>

#include "core/runtime/gradient.hpp"

namespace ranvier {

template <class Real>
class SpikeRepresentation {
 public:
  /// Finds the numbers of a population by running it for single steps; `leak` is what is left of the
  /// membrane after one. Throws Unsupported, naming `where`, for neurons with more than a membrane or
  /// that are not reset by subtraction, and for a population whose neurons differ.
  SpikeRepresentation(const GradientDynamics<Real>& dynamics, double leak,
                      const std::string& where);

  /// From dL/d(spikes) [T][B][n] to dL/d(drive) [T][B][n].
  void backward(const Drive<Real>& drive, std::span<const Real> grad_output,
                std::span<Real> grad_drive) const;

 private:
  double leak_, gain_, offset_, threshold_;
};

}  // namespace ranvier
