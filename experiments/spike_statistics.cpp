#include "experiments/spike_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace ranvier {
namespace {

/// Mean and variance of a neuron's intervals, updated one at a time: Welford 1962, Technometrics
/// 4:419-420.
struct Intervals {
  double last = std::numeric_limits<double>::quiet_NaN();
  std::uint64_t count = 0;
  double mean = 0.0;
  double squares = 0.0;

  void add_spike(double time) {
    if (!std::isnan(last)) {
      const double interval = time - last;
      ++count;
      const double deviation = interval - mean;
      mean += deviation / static_cast<double>(count);
      squares += deviation * (interval - mean);
    }
    last = time;
  }

  double cv() const { return std::sqrt(squares / static_cast<double>(count)) / mean; }
};

/// Sums over bins of a neuron's counts and of their squares.
struct Counts {
  std::ptrdiff_t bin = -1;  ///< of the last spike
  double in_bin = 0.0;
  double sum = 0.0;
  double squares = 0.0;

  void add_spike(std::ptrdiff_t at) {
    if (at != bin) in_bin = 0.0;
    bin = at;
    squares += 2.0 * in_bin + 1.0;  // (n + 1)^2 - n^2
    in_bin += 1.0;
    sum += 1.0;
  }

  double mean(double bins) const { return sum / bins; }
  double variance(double bins) const { return squares / bins - mean(bins) * mean(bins); }
};

/// Times lie on grids whose numbers are not exact: this far from an edge, in bins, is on it.
constexpr double edge = 1e-6;

std::ptrdiff_t bins_of(const CountWindow& window) {
  return static_cast<std::ptrdiff_t>(std::floor((window.end - window.begin) / window.bin + edge));
}

/// Calls `action` with (neuron, bin) of every spike in the window, in order.
template <class Action>
void for_binned_spikes(const SpikeTrain& train, const CountWindow& window, Action&& action) {
  const auto bins = bins_of(window);
  for (std::size_t k = 0; k < train.size(); ++k) {
    const double position = (train.times[k] - window.begin) / window.bin;
    const auto bin = static_cast<std::ptrdiff_t>(std::ceil(position - edge)) - 1;
    if (bin >= 0 && bin < bins) action(train.neurons[k], bin);
  }
}

/// At most `sample` of the neurons whose counts vary, evenly spread.
std::vector<NeuronId> sampled(const std::vector<Counts>& counts, double bins, std::size_t sample) {
  std::vector<NeuronId> varying;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i].variance(bins) > 0.0) varying.push_back(static_cast<NeuronId>(i));
  }
  const auto chosen = std::min(sample, varying.size());
  for (std::size_t k = 0; k < chosen; ++k) varying[k] = varying[k * varying.size() / chosen];
  varying.resize(chosen);
  return varying;
}

double variance_of(const std::vector<double>& values) {
  double mean = 0.0, squares = 0.0;
  for (const double value : values) mean += value / static_cast<double>(values.size());
  for (const double value : values) squares += (value - mean) * (value - mean);
  return squares / static_cast<double>(values.size());
}

}  // namespace

std::optional<double> mean_rate_hz(std::uint64_t spikes, std::size_t neurons, double duration) {
  if (!(duration > 0.0)) return std::nullopt;
  constexpr double ms_per_s = 1000.0;
  return static_cast<double>(spikes) * ms_per_s / (static_cast<double>(neurons) * duration);
}

std::optional<double> mean_cv_isi(const SpikeTrain& train, std::size_t neurons) {
  std::vector<Intervals> intervals(neurons);
  for (std::size_t k = 0; k < train.size(); ++k) {
    intervals[train.neurons[k]].add_spike(train.times[k]);
  }
  double sum = 0.0;
  std::size_t counted = 0;
  for (const auto& neuron : intervals) {
    if (neuron.count < 2 || !(neuron.mean > 0.0)) continue;
    sum += neuron.cv();
    ++counted;
  }
  if (counted == 0) return std::nullopt;
  return sum / static_cast<double>(counted);
}

SpikeTrain later_than(const SpikeTrain& train, double time) {
  const auto first = std::ranges::upper_bound(train.times, time) - train.times.begin();
  return {{train.times.begin() + first, train.times.end()},
          {train.neurons.begin() + first, train.neurons.end()}};
}

/// With counts z_i of mean 0 and variance 1, the variance of their sum is that of all n neurons plus
/// the correlations of all ordered pairs: Var(sum z_i) = n + n (n - 1) mean r. So the mean over
/// pairs takes one pass over the spikes.
std::optional<double> mean_correlation(const SpikeTrain& train, std::size_t neurons,
                                       const CountWindow& window) {
  const auto bin_count = bins_of(window);
  if (bin_count < 2) return std::nullopt;
  const auto bins = static_cast<double>(bin_count);
  std::vector<Counts> counts(neurons);
  for_binned_spikes(train, window,
                    [&](NeuronId i, std::ptrdiff_t bin) { counts[i].add_spike(bin); });
  const auto sample = sampled(counts, bins, window.sample);
  if (sample.size() < 2) return std::nullopt;

  // Shifting all counts of a neuron changes no variance: means need not be taken off.
  std::vector<double> scale(neurons, 0.0);
  for (const auto i : sample) scale[i] = 1.0 / std::sqrt(counts[i].variance(bins));
  std::vector<double> total(static_cast<std::size_t>(bin_count), 0.0);
  for_binned_spikes(train, window, [&](NeuronId i, std::ptrdiff_t bin) {
    total[static_cast<std::size_t>(bin)] += scale[i];
  });
  const auto n = static_cast<double>(sample.size());
  return (variance_of(total) - n) / (n * (n - 1.0));
}

}  // namespace ranvier
