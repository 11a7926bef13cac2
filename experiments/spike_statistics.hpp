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

/// The spikes later than `time`.
SpikeTrain later_than(const SpikeTrain& train, double time);

/// How spike counts are taken: whole bins from `begin`, each without its begin and with its end, as
/// many as fit before `end`; from at most `sample` of the neurons that fire in them, evenly spread
/// over the population.
struct CountWindow {
  double begin = 0.0;  ///< ms
  double end = 0.0;    ///< ms
  double bin = 2.0;    ///< ms
  std::size_t sample = 200;
};

/// Pearson's correlation of the spike counts of two neurons, averaged over all pairs of the sample.
/// Nothing where fewer than two neurons have counts that vary. Times in order.
std::optional<double> mean_correlation(const SpikeTrain& train, std::size_t neurons,
                                       const CountWindow& window);

}  // namespace ranvier
