#pragma once

/// A network plus a runtime, a seed and state.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/network.hpp"
#include "core/recording.hpp"
#include "core/runtime/runtime.hpp"

namespace ranvier {

class Simulation {
 public:
  /// Draws all synapses and puts every neuron at rest. Records the spikes of all populations unless
  /// `spikes_of` names some; `states` asks for state variables. Throws InvalidValue, UnknownName or
  /// Unsupported with the name of what does not fit.
  explicit Simulation(Network network, SimulationOptions options = {},
                      std::vector<StateRecorderSpec> states = {});
  Simulation(Network network, SimulationOptions options, std::vector<StateRecorderSpec> states,
             const std::vector<std::string>& spikes_of);

  /// Advances by `duration` ms. Throws Interrupted when the control asks for it.
  void run(double duration, const RunControl& control = {});

  /// Back to time zero.
  void reset();

  double now() const;  ///< ms
  const Network& network() const noexcept { return *network_; }
  const SimulationOptions& options() const noexcept { return options_; }

  SpikeTrain spikes(std::string_view population) const;
  std::uint64_t spike_count(std::string_view population) const;
  const StateRecording& recording(std::size_t recorder) const;
  const std::vector<StateRecorderSpec>& recorders() const noexcept { return states_; }

  std::vector<double> state(std::string_view population, std::string_view variable) const;
  void set_state(std::string_view population, std::string_view variable,
                 std::span<const double> values);

  /// Every synapse of a projection with its present weight: of a plastic one, all that has reached
  /// the synapse is in it. Asking changes nothing of the run.
  SynapseTable weights(std::string_view projection) const;

  /// New weights for a plastic projection, from now on, in the order of `weights`. Throws
  /// Unsupported for a static one and InvalidValue for weights that its rule does not allow.
  void set_weights(std::string_view projection, std::span<const double> values);

  /// Changes a parameter from now on; a vector gives one value per neuron.
  void set_parameter(std::string_view population, std::string_view parameter, const Value& value);
  void set_parameter(std::string_view population, std::string_view parameter,
                     std::vector<double> per_neuron);

  /// Replaces what a device replays and goes back to time zero.
  void set_spike_times(std::string_view device, std::vector<std::vector<double>> times);

  RunCounters counters() const { return runtime_->counters(); }
  std::size_t synapses() const { return runtime_->synapses(); }
  std::size_t synapse_bytes() const { return runtime_->synapse_bytes(); }

  /// Hash of all spikes so far, in hexadecimal: equal runs, equal digest.
  std::string digest() const;
  double build_seconds() const noexcept { return build_seconds_; }
  double run_seconds() const noexcept { return run_seconds_; }

  /// The whole state, and back into a simulation of the same network, seed and resolution; the
  /// number of threads may differ. `load` throws CorruptFile where it does not fit.
  Archive save() const;
  void load(const Archive& archive);

 private:
  std::string fingerprint() const;

  std::unique_ptr<Network> network_;  ///< the runtime keeps a reference, so it must not move
  SimulationOptions options_;
  std::vector<StateRecorderSpec> states_;
  std::unique_ptr<Runtime> runtime_;
  double build_seconds_ = 0.0;
  double run_seconds_ = 0.0;
};

}  // namespace ranvier
