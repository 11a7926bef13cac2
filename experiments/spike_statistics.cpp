#include "experiments/spike_statistics.hpp"

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

}  // namespace ranvier
