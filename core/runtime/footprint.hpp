#pragma once

/// What a population will take in memory, before it is made. Each runtime answers from its own
/// structures.

#include "core/neuron_model.hpp"
#include "core/time_grid.hpp"

namespace ranvier {

/// Bytes.
struct PopulationFootprint {
  double state;  ///< state variables and what the runtime keeps of each neuron
  double
      arrivals;  ///< ring buffers of the clock runtime; sums and predictions of the event runtime
  double per_spike;  ///< of each recorded spike
};

/// `longest_delay`: ms, of the projections onto the population.
PopulationFootprint clock_footprint(const NeuronModel& model, double neurons, double longest_delay,
                                    const TimeGrid& grid);
PopulationFootprint event_footprint(const NeuronModel& model, double neurons);

}  // namespace ranvier
