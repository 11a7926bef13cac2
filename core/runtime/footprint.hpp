#pragma once

/// What a population will take in memory, before it is made. Each runtime answers from its own
/// structures.

#include "core/neuron_model.hpp"

namespace ranvier {

/// Bytes.
struct PopulationFootprint {
  double state;      ///< state variables and what the runtime keeps of each neuron
  double arrivals;   ///< sums of what arrives, and predictions of the event runtime
  double per_spike;  ///< of each recorded spike
};

PopulationFootprint clock_footprint(const NeuronModel& model, double neurons,
                                    std::size_t bytes_per_value);
PopulationFootprint event_footprint(const NeuronModel& model, double neurons);

}  // namespace ranvier
