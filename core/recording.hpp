#pragma once

/// What a run leaves behind: spikes, and state variables at an interval.

#include <cstdint>
#include <string>
#include <vector>

#include "core/population.hpp"

namespace ranvier {

/// Spikes of one population in order of (time, neuron).
struct SpikeTrain {
  std::vector<double> times;  ///< ms
  std::vector<NeuronId> neurons;

  std::size_t size() const noexcept { return times.size(); }
};

/// A request to record state variables of some neurons of a population.
struct StateRecorderSpec {
  std::string population{};
  std::vector<std::string> variables{};
  std::vector<NeuronId> neurons{};  ///< empty: all
  double interval = 1.0;            ///< ms
};

/// Samples taken after everything that happens at their time.
struct StateRecording {
  std::vector<double> times;                ///< ms
  std::vector<std::vector<double>> values;  ///< per variable: [time][neuron]
};

/// Totals of a run.
struct RunCounters {
  std::uint64_t spikes = 0;
  std::uint64_t synaptic_events = 0;  ///< arrivals at synapses
  std::uint64_t touches = 0;          ///< neuron updates

  bool operator==(const RunCounters&) const = default;
};

/// Order-free hash of all spikes: the sum over spikes of a mix of (population, time, neuron), so
/// every partition of the work gives the same value.
class SpikeDigest {
 public:
  void add(std::size_t population, std::uint64_t time, NeuronId neuron) noexcept {
    value_ += mixed(mixed(time) ^ mixed(static_cast<std::uint64_t>(population) << 32 | neuron));
  }
  void merge(const SpikeDigest& other) noexcept { value_ += other.value_; }
  std::uint64_t value() const noexcept { return value_; }
  void set(std::uint64_t value) noexcept { value_ = value; }

 private:
  /// The finaliser of SplitMix64: Steele, Lea & Flood 2014, OOPSLA.
  static std::uint64_t mixed(std::uint64_t x) noexcept {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
  }

  std::uint64_t value_ = 0;
};

}  // namespace ranvier
