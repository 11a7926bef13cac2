#include "networks/layers/layer.hpp"

#include <algorithm>

#include "networks/stages/convolution.hpp"
#include "networks/stages/dense.hpp"
#include "networks/stages/pool.hpp"

namespace ranvier {
namespace {

/// Only dense layers have a size of their own.
void refuse_size(const LayerDescription& layer, const Shape& output) {
  if (layer.size == 0 || layer.size == output.size()) return;
  throw InvalidValue(
      fmt::format("{}: a layer of kind {} follows from its input and gives {} values; expected no "
                  "size, or {}, not {}",
                  place_of(layer), layer.kind, describe(output), output.size(), layer.size));
}

template <class Real>
std::unique_ptr<Stage<Real>> dense(const LayerDescription& layer, const Shape& input) {
  if (layer.size == 0) {
    throw InvalidValue(fmt::format("{} has size 0; expected at least 1", place_of(layer)));
  }
  find_for(layer, weight_rules(), layer.learning.weight_rule);
  return std::make_unique<DenseStage<Real>>(
      configured<DenseParameters>(layer.parameters, place_of(layer)), layer.learning, layer.size,
      input.size());
}

template <class Real>
std::unique_ptr<Stage<Real>> convolution(const LayerDescription& layer, const Shape& input) {
  auto stage = std::make_unique<ConvolutionStage<Real>>(
      configured<ConvolutionParameters>(layer.parameters, place_of(layer)), layer.learning, input,
      place_of(layer));
  refuse_size(layer, stage->shape());
  return stage;
}

template <class Real, Pooling pooling>
std::unique_ptr<Stage<Real>> pool(const LayerDescription& layer, const Shape& input) {
  auto stage = std::make_unique<PoolStage<Real>>(
      configured<PoolParameters>(layer.parameters, place_of(layer)), pooling, input,
      place_of(layer));
  refuse_size(layer, stage->shape());
  return stage;
}

Registry<LayerKind> built_in() {
  Registry<LayerKind> registry("layer");
  registry.add("dense", {"dense", "every input to every neuron, with a bias",
                         parameters_of<DenseParameters>(), true, dense<float>, dense<double>});
  registry.add(
      "convolution",
      {"convolution", "filters that see a square of the input, moved over its plane",
       parameters_of<ConvolutionParameters>(), true, convolution<float>, convolution<double>});
  registry.add("average_pool", {"average_pool", "the mean of a square of each channel",
                                parameters_of<PoolParameters>(), false,
                                pool<float, Pooling::average>, pool<double, Pooling::average>});
  registry.add("max_pool", {"max_pool", "the maximum of a square of each channel",
                            parameters_of<PoolParameters>(), false, pool<float, Pooling::maximum>,
                            pool<double, Pooling::maximum>});
  return registry;
}

}  // namespace

Registry<LayerKind>& layer_kinds() {
  static auto registry = built_in();
  return registry;
}

}  // namespace ranvier
