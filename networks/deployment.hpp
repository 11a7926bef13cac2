#pragma once

/// A trained layered network as a circuit: the same weights and the same neuron models, to be run by
/// the `clock` or the `event` runtime.
///
/// Layers become populations, their weights all-to-all projections without delay, their biases the
/// constant drive I_e. An input that is a constant current becomes the drive W x of the first
/// layer, so that the event runtime touches those neurons only when they fire; an input of spikes
/// becomes a population of relays in front of it.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/network.hpp"
#include "core/population.hpp"

namespace ranvier {

/// One layer as it was trained.
struct TrainedLayer {
  std::string name;
  std::string model;
  PopulationParameters parameters;
  std::size_t inputs = 0;
  std::size_t size = 0;
  std::vector<double> weights;  ///< [size][inputs]
  std::vector<double> bias;     ///< [size]
};

enum class InputKind { current, spikes };

/// Name of the relay population and of the device that drives it, where the input is spikes.
inline constexpr std::string_view input_population = "input";
inline constexpr std::string_view input_device = "input_spikes";

/// Throws InvalidValue where shapes do not chain and Unsupported, naming the layer, for a model
/// without the ports `membrane` and `current` that training drives.
Network deployed(const std::vector<TrainedLayer>& layers, InputKind input);

/// W x of a layer, each sum taken in the order of the inputs.
std::vector<double> drive_of(const TrainedLayer& layer, std::span<const double> input);

}  // namespace ranvier
