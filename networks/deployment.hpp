#pragma once

/// A trained layered network as a circuit: the same weights and the same neuron models, to be run by
/// the `clock` or the `event` runtime.
///
/// Layers become populations, their synapses projections without delay, or of one step where they
/// lead back, their biases the drive I_stim at the start, or, where they come once, part of V_m there.
/// An input that is a constant current is W x to be added to that, so that the event runtime touches
/// those neurons only when they fire; an input of spikes becomes a population of relays in front.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/network.hpp"
#include "core/population.hpp"
#include "networks/trained_network.hpp"

namespace ranvier {

enum class InputKind { current, spikes };

/// Name of the relay population and of the device that drives it, where the input is spikes.
inline constexpr std::string_view input_population = "input";
inline constexpr std::string_view input_device = "input_spikes";

/// Throws Unsupported, naming the layer, for a model without the ports `membrane` and `current` that
/// training drives.
Network deployed(const TrainedNetwork& network, InputKind input);

}  // namespace ranvier
