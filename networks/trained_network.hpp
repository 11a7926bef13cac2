#pragma once

/// A trained layered network as neurons and the synapses between them, whatever it was built of:
/// convolutions, means and normalisations in a row become one linear map each, and activations become
/// integrate-and-fire neurons as networks/conversion.hpp says.
///
/// Source: B. Rueckauer et al. 2017, Front. Neurosci. 11:682 (folding of normalisation).

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "core/population.hpp"
#include "networks/conversion.hpp"
#include "networks/linear_map.hpp"
#include "networks/sequential.hpp"
#include "networks/shape.hpp"

namespace ranvier {

/// Synapses into a layer from the neurons of another, or from the sample.
struct TrainedProjection {
  static constexpr std::size_t sample = static_cast<std::size_t>(-1);

  std::size_t source = sample;  ///< index of the layer
  LinearMap map;                ///< its bias is that of the layer, not its own
  bool next_step = false;       ///< whether a spike arrives a step after it was sent
  std::string port = "membrane";
};

/// Neurons and what arrives at them.
struct TrainedLayer {
  std::string name;
  std::string model;
  PopulationParameters parameters;
  std::vector<double> bias{};  ///< [size] at every step, or once
  std::vector<TrainedProjection> projections{};
  Shape shape{};  ///< how the neurons are arranged, where that is known

  std::size_t size() const noexcept { return bias.size(); }
};

/// What a trained network needs to be run: its description, its neurons and its weights in double.
struct TrainedNetwork {
  SequentialDescription description;
  std::vector<TrainedLayer> layers;
  std::vector<Tensor> tensors;  ///< as trained; where each lies in `numbers`
  std::vector<double> numbers;  ///< trained ones, then running averages
  bool one_shot = false;        ///< sample and biases arrive once, at the start
};

/// `thresholds` [layers] are those of activations without levels; none where there are none, or where
/// such activations are to be refused. Throws Unsupported, naming the layer, for a maximum, for an
/// activation that has neither levels nor a threshold, and where one-shot input does not fit.
TrainedNetwork trained(const Sequential<float>& network, const Conversion& conversion = {},
                       std::span<const double> thresholds = {});

/// Throws InvalidValue, naming the layer, where synapses do not fit the neurons they join.
void check_shapes(const TrainedNetwork& network);

}  // namespace ranvier
