#pragma once

/// What every runtime of a simulation can do. `clock` and `event` implement it.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/archive.hpp"
#include "core/network.hpp"
#include "core/recording.hpp"
#include "core/synapse_table.hpp"

namespace ranvier {

struct SimulationOptions {
  std::string runtime = "clock";  ///< "clock" or "event"
  double resolution = 0.1;        ///< ms; the step of `clock`, the grid of `event`
  /// `event` only: spikes fall on the grid of the resolution, as in `clock`; otherwise time is
  /// continuous.
  bool on_grid = false;
  unsigned threads = 1;  ///< of the `clock` runtime; `event` runs a network on one
  std::uint64_t seed = 1;
  /// Of states and sums: "single", "double" or "automatic", single in `clock` and double in `event`,
  /// which has no other.
  std::string precision = "automatic";
};

/// How a run reports and how it can be stopped.
struct RunControl {
  /// Called now and then with the biological time reached, in ms.
  std::function<void(double)> progress;
  /// Polled now and then; true ends the run with Interrupted after a whole step or event.
  std::function<bool()> interrupted;
  /// Called whenever the population `watched` was touched, after everything at that time has
  /// happened to it; true ends the run at once.
  std::function<bool(double)> decide;
  std::string watched;
};

class Runtime {
 public:
  virtual ~Runtime() = default;

  /// Back to time zero and rest, with nothing recorded.
  virtual void reset() = 0;

  /// Runs until `end` ms, or until the control stops it.
  virtual void run_until(double end, const RunControl& control) = 0;

  virtual double now() const = 0;  ///< ms

  /// State variable of every neuron now.
  virtual std::vector<double> state(std::size_t population, std::size_t variable) const = 0;
  virtual void set_state(std::size_t population, std::size_t variable,
                         std::span<const double> values) = 0;

  /// Uses the network's present parameters from now on.
  virtual void update_parameters(std::size_t population) = 0;

  /// Makes the network's stimuli anew; to be followed by `reset`.
  virtual void update_stimuli() = 0;

  virtual SpikeTrain spikes(std::size_t population) const = 0;
  virtual std::uint64_t spike_count(std::size_t population) const = 0;
  virtual const StateRecording& recording(std::size_t recorder) const = 0;
  virtual RunCounters counters() const = 0;
  virtual std::uint64_t digest() const = 0;

  virtual std::size_t synapses() const = 0;
  virtual std::size_t synapse_bytes() const = 0;

  /// The settled weights of a plastic projection, and new ones in the order of the table; throws
  /// InvalidValue for another number of them. A runtime without plasticity refuses such projections
  /// when it is made.
  virtual SynapseTable plastic_weights(std::size_t /*projection*/) const { return {}; }
  virtual void set_plastic_weights(std::size_t /*projection*/, std::span<const double> /*values*/) {
  }

  virtual void save(Archive& archive) const = 0;
  virtual void load(const Archive& archive) = 0;
};

/// What is recorded, fixed when a simulation is made.
struct RecordingSpec {
  std::vector<bool> spikes;  ///< per population
  std::vector<StateRecorderSpec> states;
};

std::unique_ptr<Runtime> make_clock_runtime(const Network& network,
                                            const SimulationOptions& options,
                                            const RecordingSpec& recording);
std::unique_ptr<Runtime> make_event_runtime(const Network& network,
                                            const SimulationOptions& options,
                                            const RecordingSpec& recording);

}  // namespace ranvier
