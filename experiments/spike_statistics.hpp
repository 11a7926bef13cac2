#pragma once

/// Figures of spike trains.

#include <cstdint>
#include <optional>

#include "core/recording.hpp"

namespace ranvier {

/// Mean firing rate of a neuron in Hz; nothing where no time has passed.
std::optional<double> mean_rate_hz(std::uint64_t spikes, std::size_t neurons, double duration);

/// Coefficient of variation of the intervals between spikes (standard deviation over mean; 1 for a
/// Poisson process), averaged over the neurons with at least two intervals. Nothing where there are
/// none. Times in order, as a SpikeTrain has them.
std::optional<double> mean_cv_isi(const SpikeTrain& train, std::size_t neurons);

}  // namespace ranvier
