#pragma once

/// Circuits as users describe them: layers one after another, each of which may lead back on itself.

#include <optional>
#include <span>

#include "networks/event_learning/event_circuit.hpp"

namespace ranvier {

/// Synapses of one kind: how strong they are drawn, and what they take.
struct EventSynapses {
  InitialWeights weight{};
  double delay = 0.0;  ///< ms
};

/// Neurons, their synapses from the layer before (or the input), and those among themselves.
struct EventLayer {
  CircuitPopulation population;
  EventSynapses from_before{};
  std::optional<EventSynapses> recurrent{};
};

/// The circuit of so many inputs that the layers make. A layer without a name becomes "layer_1" and
/// so on. Throws as `validate` of a circuit does.
EventCircuit layered_circuit(std::span<const EventLayer> layers, std::size_t inputs, double window);

}  // namespace ranvier
