#include "networks/event_learning/event_layer.hpp"

#include <fmt/format.h>

namespace ranvier {

EventCircuit layered_circuit(std::span<const EventLayer> layers, std::size_t inputs,
                             double window) {
  EventCircuit circuit{.inputs = inputs, .window = window};
  const auto connect = [&](std::size_t source, std::size_t target, const EventSynapses& synapses) {
    circuit.projections.push_back(
        {.source = source, .target = target, .delay = synapses.delay, .initial = synapses.weight});
  };
  for (std::size_t p = 0; p < layers.size(); ++p) {
    circuit.populations.push_back(layers[p].population);
    auto& name = circuit.populations.back().name;
    if (name.empty()) name = fmt::format("layer_{}", p + 1);
    connect(p == 0 ? CircuitProjection::input : p - 1, p, layers[p].from_before);
    if (layers[p].recurrent) connect(p, p, *layers[p].recurrent);
  }
  validate(circuit);
  return circuit;
}

}  // namespace ranvier
