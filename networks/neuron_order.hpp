#pragma once

/// The order of the neurons in a deployed layer.
///
/// In training channels lie one after the other. A spike of a convolution reaches every channel at
/// a few places, so a deployed layer is ordered by place, and by channel inside a place: what a spike
/// adds then goes to a few runs of neighbours.

#include <vector>

#include "core/population.hpp"
#include "networks/trained_network.hpp"

namespace ranvier {

class NeuronOrder {
 public:
  /// Puts the neurons of every layer that has channels of several places, except the last, into that
  /// order: parameters, biases and synapses alike.
  explicit NeuronOrder(TrainedNetwork& network);

  /// The number that a neuron of a layer was trained under.
  NeuronId trained(std::size_t layer, NeuronId neuron) const {
    const auto& order = trained_[layer];
    return order.empty() ? neuron : order[neuron];
  }

 private:
  std::vector<std::vector<NeuronId>> trained_;  ///< by layer, then neuron; empty: as it was
};

}  // namespace ranvier
