#pragma once

/// The `network` section of an event-learning configuration: layers of iaf_psc_exp neurons, how
/// samples become spikes, and the loss of first spikes.

#include <string>
#include <vector>

#include "experiments/config/node.hpp"
#include "experiments/config/schema.hpp"
#include "networks/event_learning/event_layer.hpp"
#include "networks/event_learning/spike_time_encoding.hpp"
#include "plasticity/first_spike_loss.hpp"

namespace ranvier {

/// What the section says. The number of inputs follows from the data.
struct EventNetworkSection {
  std::vector<EventLayer> layers;
  double window = 60.0;  ///< ms
  SpikeTimeEncoding encoding;
  FirstSpikeLoss loss;
  std::string weights;  ///< results.h5 of an earlier run to start from; empty: draw them
};

/// Reports what is wrong with the section and leaves defaults in its place.
EventNetworkSection read_event_network(const ConfigNode& node);

Schema event_network_schema();

}  // namespace ranvier
