#pragma once

/// A classifier that answers with the class whose neuron spikes first, and its measurement.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "networks/event_learning/circuit_runner.hpp"
#include "networks/event_learning/event_circuit.hpp"
#include "networks/event_learning/spike_time_encoding.hpp"
#include "networks/examples.hpp"
#include "plasticity/first_spike_loss.hpp"

namespace ranvier {

/// All of it but the weights. The last population has one neuron per class.
struct EventClassifier {
  EventCircuit circuit;
  SpikeTimeEncoding encoding;
  FirstSpikeLoss loss;

  std::size_t classes() const { return circuit.populations.back().size; }
  /// When a silent output counts as firing.
  double silent() const { return circuit.window + loss.tau; }
};

/// The first spike of each output neuron, infinite where it is silent.
std::vector<double> first_output_spikes(const EventClassifier& classifier,
                                        const CircuitSpikes& spikes);

/// Means over samples.
struct EventEvaluation {
  double loss = 0.0;
  double accuracy = 0.0;
  double silent = 0.0;           ///< share of samples without any output spike; they count as wrong
  double latency = 0.0;          ///< ms to the first output spike, of those that have one
  std::vector<double> spikes{};  ///< of each population
  double synaptic_events = 0.0;  ///< to the end of the window
  double events_at_answer = 0.0;  ///< until the first output spike, where the answer is known
};

/// Checks that a classifier can be shown the samples: as many inputs, bias among them, and labels below
/// its number of classes. Throws InvalidValue, beginning with `what`. Nothing is asked of an empty set.
void require_fit(const Examples& examples, const EventClassifier& classifier,
                 std::string_view what);

/// Shows all samples in the event runtime. `stop` is polled now and then; true ends with Interrupted.
EventEvaluation evaluate(const EventClassifier& classifier, std::span<const float> weights,
                         const Examples& examples, int threads,
                         const std::function<bool()>& stop = {});

}  // namespace ranvier
