#pragma once

/// Layers: a population and the synapses that lead into it, run over a window for a chunk of
/// samples and differentiated. A layer holds no weights; the network keeps those of all its layers
/// in one vector and hands each layer its part.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/parameter.hpp"
#include "core/population.hpp"
#include "core/registry.hpp"
#include "core/runtime/gradient.hpp"

namespace ranvier {

/// What arrives at a layer over a window: [T][B][n], or [1][B][n] where every step is the same.
template <class Real>
struct Activity {
  std::span<const Real> values;
  std::size_t steps = 0;
  std::size_t samples = 0;
  bool constant = false;

  std::size_t rows() const noexcept { return (constant ? 1 : steps) * samples; }
};

/// What one chunk of samples leaves behind on its way through a layer, and room for the way back.
/// The vectors grow to the largest chunk they have met and are then reused.
template <class Real>
struct LayerTrace {
  std::vector<Real> drive;   ///< [T][B][n], or [1][B][n] under a constant input
  std::vector<Real> output;  ///< [T][B][n]
  Tape<Real> tape;
  std::vector<Real> grad_output;  ///< [T][B][n]
  std::vector<Real> grad_drive;   ///< [T][B][n]
  std::vector<Real> scratch;
};

/// A block of trainable numbers: its name, its shape and its place among its layer's numbers.
struct Tensor {
  std::string name;
  std::vector<std::size_t> shape;
  std::size_t offset = 0;

  std::size_t size() const noexcept;
};

template <class Real>
class Layer {
 public:
  virtual ~Layer() = default;

  virtual std::size_t inputs() const = 0;
  virtual std::size_t outputs() const = 0;
  /// Whether the output is spikes; otherwise it is the membrane potential.
  virtual bool spiking() const = 0;
  virtual std::vector<Tensor> tensors() const = 0;

  /// Fills this layer's parameters; `index` tells the layers of a network apart.
  virtual void initialise(std::uint64_t seed, std::uint32_t index,
                          std::span<Real> parameters) const = 0;

  virtual void forward(std::span<const Real> parameters, const Activity<Real>& input,
                       const SpikeFunction<Real>& threshold, LayerTrace<Real>& trace) const = 0;

  /// Adjoint of `forward`, from `trace.grad_output`. Adds to `grad_parameters` and writes
  /// `grad_input`, shaped as `input.values` (summed over time where that is constant); an empty
  /// `grad_input` is not asked for.
  virtual void backward(std::span<const Real> parameters, const Activity<Real>& input,
                        const SpikeFunction<Real>& threshold, bool detach_reset,
                        LayerTrace<Real>& trace, std::span<Real> grad_parameters,
                        std::span<Real> grad_input) const = 0;
};

/// Something chosen by name from a registry, with the parameters the user set.
struct Choice {
  std::string name;
  ValueMap parameters;
};

/// A layer as users describe it.
struct LayerDescription {
  std::string name;  ///< as results and tensors call it; empty: layer_1, layer_2, ...
  std::string kind = "dense";
  std::size_t size = 0;  ///< neurons
  std::string model = "lif";
  PopulationParameters model_parameters;
  ValueMap parameters;  ///< of the kind
  Choice weight_rule{"backpropagation", {}};
  Choice error_transport{"transpose", {}};
};

/// A kind of layer as the registry holds it. The makers throw UnknownName, InvalidValue or
/// Unsupported (a model that cannot be trained), naming the layer.
struct LayerKind {
  std::string name;
  std::string summary;
  std::vector<Parameter> parameters;
  /// `step` is the duration of one step in ms.
  std::function<std::unique_ptr<Layer<float>>(const LayerDescription&, std::size_t inputs,
                                              double step)>
      make_float;
  std::function<std::unique_ptr<Layer<double>>(const LayerDescription&, std::size_t inputs,
                                               double step)>
      make_double;

  template <class Real>
  std::unique_ptr<Layer<Real>> make(const LayerDescription& description, std::size_t inputs,
                                    double step) const {
    if constexpr (std::is_same_v<Real, float>) {
      return make_float(description, inputs, step);
    } else {
      return make_double(description, inputs, step);
    }
  }
};

/// All kinds of layers known to this process.
Registry<LayerKind>& layer_kinds();

/// `registry.at(name)`; a name that is unknown is reported with the layer that asked for it.
template <class Entry>
const Entry& find_for(const LayerDescription& layer, const Registry<Entry>& registry,
                      std::string_view name) {
  try {
    return registry.at(name);
  } catch (const UnknownName& error) {
    throw UnknownName(fmt::format("layer '{}': {}", layer.name, error.what()));
  }
}

}  // namespace ranvier
