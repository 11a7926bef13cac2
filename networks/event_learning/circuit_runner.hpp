#pragma once

/// The way forward: a circuit in the event runtime, in continuous time, shown one sample after
/// another.

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "core/simulation.hpp"
#include "networks/event_learning/event_circuit.hpp"

namespace ranvier {

/// What a sample made of a circuit: all that its gradient needs.
struct CircuitSpikes {
  SpikeTrain input;
  std::vector<SpikeTrain> populations;  ///< in the order of time
};

class CircuitRunner {
 public:
  /// Throws as `validate` of a circuit and `network_of` do.
  CircuitRunner(const EventCircuit& circuit, std::span<const double> weights);

  /// Back to rest, then to the end of the window with spikes at `times` [input], in ms. `decide`, where
  /// given, is asked with the present time whenever the last population was touched; true ends the
  /// run.
  CircuitSpikes run(std::vector<std::vector<double>> times,
                    const std::function<bool(double)>& decide = {});

  /// The same, ending as soon as every neuron of the last population has fired: what comes later is
  /// nothing to their first spikes.
  CircuitSpikes run_until_all_answered(std::vector<std::vector<double>> times);

  /// Spikes of the last population so far.
  std::size_t output_spikes() const;
  RunCounters counters() const { return simulation_.counters(); }

 private:
  bool all_answered() const;

  const EventCircuit& circuit_;
  Simulation simulation_;
};

}  // namespace ranvier
