#pragma once

/// Some samples of a batch on their way through a classifier and back.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "networks/event_learning/circuit_adjoint.hpp"
#include "networks/event_learning/event_classifier.hpp"
#include "networks/examples.hpp"
#include "networks/sequential.hpp"

namespace ranvier {

/// Their part of a batch's result.
struct EventChunk {
  std::vector<double> gradient;
  std::vector<std::vector<char>> fired;  ///< [population][neuron] whether any sample made it fire
  Objective objective;

  /// Nothing of any sample yet.
  void clear(const EventCircuit& circuit);
};

/// A circuit with its adjoint at certain weights, which are referred to.
class EventChunkPass {
 public:
  EventChunkPass(const EventClassifier& classifier, std::span<const double> weights);

  /// Adds the loss of sample `i` as `epoch` shows it, its gradient and who fired.
  void differentiate(const Examples& examples, std::size_t i, std::uint32_t epoch,
                     EventChunk& chunk);

 private:
  const EventClassifier& classifier_;
  CircuitRunner runner_;
  CircuitAdjoint adjoint_;
};

}  // namespace ranvier
