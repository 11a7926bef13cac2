#pragma once

/// Readouts: the score of a class after each step, as a function of its output up to that step.

#include <cstddef>
#include <span>

#include "plasticity/loss.hpp"

namespace ranvier {

/// `sum` of spikes is the spike count.
enum class Readout : int { last, mean, max, sum };

/// Scores z [T][K] of sample `sample`.
template <class Real>
void score_sample(Readout readout, const Output<Real>& output, std::size_t sample,
                  std::span<double> z);

/// Adjoint of `score_sample`: from dL/dz [T][K] to the sample's part of dL/d(output) [T][B][K].
template <class Real>
void pull_back_sample(Readout readout, const Output<Real>& output, std::size_t sample,
                      std::span<const double> z, std::span<const double> grad_z,
                      std::span<Real> grad);

}  // namespace ranvier
