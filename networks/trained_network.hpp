#pragma once

/// A trained layered network as neurons and the synapses between them, whatever it was built of:
/// convolutions, means and normalisations in a row become one linear map each, and quantised
/// activations become integrate-and-fire neurons.
///
/// An activation of L levels up to lambda becomes a neuron of threshold lambda that starts at
/// lambda/2, is reset by subtraction and whose spikes count lambda. Over T steps of constant input its
/// mean output is the activation on a grid of lambda/T, exactly it at T = L where inputs are evenly
/// spread.
///
/// Source: T. Bu et al., ICLR 2022, arXiv:2303.04347 (threshold, start); B. Rueckauer et al. 2017,
/// Front. Neurosci. 11:682 (folding of normalisation, constant input).

#include <cstddef>
#include <string>
#include <vector>

#include "core/population.hpp"
#include "networks/linear_map.hpp"
#include "networks/sequential.hpp"

namespace ranvier {

/// Synapses into a layer from the neurons of another, or from the sample.
struct TrainedProjection {
  static constexpr std::size_t sample = static_cast<std::size_t>(-1);

  std::size_t source = sample;  ///< index of the layer
  LinearMap map;                ///< its bias is that of the layer, not its own
  bool next_step = false;       ///< whether a spike arrives a step after it was sent
};

/// Neurons and what arrives at them.
struct TrainedLayer {
  std::string name;
  std::string model;
  PopulationParameters parameters;
  std::vector<double> bias{};  ///< [size] at every step
  std::vector<TrainedProjection> projections{};

  std::size_t size() const noexcept { return bias.size(); }
};

/// What a trained network needs to be run: its description, its neurons and its weights in double.
struct TrainedNetwork {
  SequentialDescription description;
  std::vector<TrainedLayer> layers;
  std::vector<Tensor> tensors;  ///< as trained; where each lies in `numbers`
  std::vector<double> numbers;  ///< trained ones, then running averages
};

/// Throws Unsupported, naming the layer, for a maximum or an activation that is not quantised.
TrainedNetwork trained(const Sequential<float>& network);

}  // namespace ranvier
