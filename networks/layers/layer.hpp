#pragma once

/// Layers as users describe them: synapses or pooling, then, where asked for, batch normalisation,
/// the activity of an earlier layer added, neurons, and dropout.
///
///     input -> kind -> batch_norm -> (+ add) -> model -> dropout -> output

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/parameter.hpp"
#include "core/population.hpp"
#include "core/registry.hpp"
#include "networks/shape.hpp"
#include "networks/stages/synapses.hpp"

namespace ranvier {

/// Something chosen by name from a registry, with the parameters the user set.
struct Choice {
  std::string name;
  ValueMap parameters;
};

/// The model of a layer without neurons: its output is its drive.
inline constexpr std::string_view no_model = "none";

struct LayerDescription {
  std::string name;  ///< as results and tensors call it; empty: layer_1, layer_2, ...
  std::string kind = "dense";
  std::size_t size = 0;  ///< neurons of a dense layer; the other kinds follow from their input
  std::string model;     ///< neuron model or activation; empty: lif behind synapses, else none
  PopulationParameters model_parameters;
  ValueMap parameters;                 ///< of the kind
  std::vector<std::string> trained{};  ///< parameters of the model that training may change
  bool trained_per_neuron = false;
  bool recurrent = false;  ///< the output of a step, weighted, arrives with the input of the next
  double recurrent_gain = 1.0;
  std::optional<ValueMap> batch_norm{};
  double dropout = 0.0;
  std::string input{};  ///< the layer whose output comes in; empty: the one before
  std::string add{};    ///< a layer whose output is added to the drive; empty: none
  SynapseLearning learning{};
};

/// A kind of layer as the registry holds it. The makers throw InvalidValue or UnknownName, naming
/// the layer.
struct LayerKind {
  std::string name;
  std::string summary;
  std::vector<Parameter> parameters;
  bool synapses = true;  ///< whether neurons follow unless told otherwise
  std::function<std::unique_ptr<Stage<float>>(const LayerDescription&, const Shape& input)>
      make_float;
  std::function<std::unique_ptr<Stage<double>>(const LayerDescription&, const Shape& input)>
      make_double;

  template <class Real>
  std::unique_ptr<Stage<Real>> make(const LayerDescription& layer, const Shape& input) const {
    if constexpr (std::is_same_v<Real, float>) {
      return make_float(layer, input);
    } else {
      return make_double(layer, input);
    }
  }
};

/// dense, convolution, average_pool, max_pool.
Registry<LayerKind>& layer_kinds();

/// "layer 'hidden'", as messages call it.
inline std::string place_of(const LayerDescription& layer) {
  return fmt::format("layer '{}'", layer.name);
}

/// `registry.at(name)`; a name that is unknown is reported with the layer that asked for it.
template <class Entry>
const Entry& find_for(const LayerDescription& layer, const Registry<Entry>& registry,
                      std::string_view name) {
  try {
    return registry.at(name);
  } catch (const UnknownName& error) {
    throw UnknownName(fmt::format("{}: {}", place_of(layer), error.what()));
  }
}

}  // namespace ranvier
