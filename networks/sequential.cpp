#include "networks/sequential.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/neuron_model.hpp"
#include "core/suggest.hpp"
#include "networks/stages/activation.hpp"
#include "networks/stages/batch_norm.hpp"
#include "networks/stages/dropout.hpp"
#include "networks/stages/population.hpp"

namespace ranvier {
namespace {

/// The shape of a sample follows from the number of inputs, or the other way round.
void settle_shape(SequentialDescription& description) {
  auto& shape = description.shape;
  if (shape.size() == 0) shape = {.channels = description.inputs};
  if (description.inputs == 0) description.inputs = shape.size();
  if (description.inputs == shape.size()) return;
  throw InvalidValue(fmt::format("the network has {} inputs of shape {}; expected {}",
                                 description.inputs, describe(shape), shape.size()));
}

void check(const SequentialDescription& description) {
  if (description.inputs == 0) throw InvalidValue("the network has no inputs; expected at least 1");
  if (description.steps == 0) throw InvalidValue("the network runs 0 steps; expected at least 1");
  if (!(description.step > 0.0)) {
    throw InvalidValue(fmt::format("a step of {} ms; expected more than 0 ms", description.step));
  }
  if (description.truncated && description.window == 0) {
    throw InvalidValue(
        "a truncated gradient ends at the windows of steps and there are none; expected a window "
        "of "
        "at least 1 step");
  }
  if (description.layers.empty()) {
    throw InvalidValue("the network has no layers; expected at least 1");
  }
}

/// Gives nameless layers a name and sees to it that each has one of its own.
void name_layers(std::vector<LayerDescription>& layers) {
  std::vector<std::string> names;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    if (layers[l].name.empty()) layers[l].name = fmt::format("layer_{}", l + 1);
    if (std::ranges::find(names, layers[l].name) != names.end()) {
      throw InvalidValue(
          fmt::format("two layers are called '{}'; expected a name for each", layers[l].name));
    }
    names.push_back(layers[l].name);
  }
}

/// Settles what a layer left to be understood: its model and, for models of discrete dynamics, the
/// step.
void complete(LayerDescription& layer, double step) {
  const auto& kind = find_for(layer, layer_kinds(), layer.kind);
  if (layer.model.empty()) layer.model = kind.synapses ? "lif" : std::string(no_model);
  if (!neuron_models().contains(layer.model)) return;
  for (const auto& parameter : neuron_models().at(layer.model).parameters) {
    if (parameter.name == "step") layer.model_parameters.common.emplace("step", step);
  }
}

bool has_activation(const LayerDescription& layer) { return activations().contains(layer.model); }

/// What only neurons have must not be asked of a layer without any.
void check_model(const LayerDescription& layer) {
  if (neuron_models().contains(layer.model)) return;
  if (layer.model != no_model && !has_activation(layer)) {
    auto names = neuron_models().names();
    for (const auto& name : activations().names()) names.push_back(name);
    names.emplace_back(no_model);
    throw UnknownName(fmt::format("{}: unknown neuron model or activation '{}'{}", place_of(layer),
                                  layer.model, suggestion(layer.model, names)));
  }
  if (layer.recurrent || !layer.trained.empty()) {
    throw InvalidValue(fmt::format(
        "{}: model '{}' has no {}; expected a neuron model such as 'lif'", place_of(layer),
        layer.model, layer.recurrent ? "recurrent synapses" : "parameters to train"));
  }
}

double checked_dropout(const LayerDescription& layer) {
  if (layer.dropout >= 0.0 && layer.dropout < 1.0) return layer.dropout;
  throw InvalidValue(fmt::format("{}: a dropout of {}; expected at least 0 and less than 1",
                                 place_of(layer), layer.dropout));
}

/// Stages of one layer draw apart; the first draws as the layer.
std::uint32_t stream_index(std::size_t layer, std::size_t stage_in_layer) {
  return static_cast<std::uint32_t>(layer + (stage_in_layer << 16));
}

}  // namespace

template <class Real>
Sequential<Real>::Sequential(SequentialDescription description, std::uint64_t seed, bool smoothed)
    : description_(std::move(description)), smoothed_(smoothed) {
  settle_shape(description_);
  check(description_);
  name_layers(description_.layers);
  encoding_ = encodings()
                  .at(description_.encoding.name)
                  .template make<Real>(description_.encoding.parameters);
  surrogate_ = surrogates()
                   .at(description_.surrogate.name)
                   .template make<Real>(description_.surrogate.parameters);
  smooth_threshold_ = std::make_unique<SmoothedThreshold<Real>>(*surrogate_);
  loss_ = losses().at(description_.loss.name).template make<Real>(description_.loss.parameters);
  credit_ = credit_rules().at(description_.credit);
  if (credit_.by_rates && windows().size() > 1) {
    throw Unsupported(fmt::format(
        "the credit rule '{}' looks at the whole presentation; expected no windows of steps",
        credit_.name));
  }
  direct_ = error_transports().at(description_.error_transport).template make<Real>()->direct();
  for (std::size_t l = 0; l < description_.layers.size(); ++l) build_layer(l);
  find_readers();
  place_numbers(seed);
}

template <class Real>
std::size_t Sequential<Real>::output_node_of(std::string_view layer, std::size_t asking) const {
  std::vector<std::string> earlier;
  for (std::size_t l = 0; l < asking; ++l) {
    if (layers_[l].name == layer) return outputs_[l];
    earlier.push_back(layers_[l].name);
  }
  throw UnknownName(fmt::format("{}: no earlier layer is called '{}'{}",
                                place_of(description_.layers[asking]), layer,
                                suggestion(layer, earlier)));
}

template <class Real>
std::size_t Sequential<Real>::add_node(std::unique_ptr<Stage<Real>> stage, std::size_t input,
                                       std::size_t layer) {
  Node node{.stage = std::move(stage), .input = input, .add = encoded, .layer = layer};
  nodes_.push_back(std::move(node));
  return nodes_.size() - 1;
}

/// Marks the last node as the neurons of its layer.
template <class Real>
void Sequential<Real>::mark_neurons(std::size_t node) {
  nodes_[node].neurons = true;
  for (auto& other : nodes_) {
    if (other.layer == nodes_[node].layer) other.leak = nodes_[node].stage->leak();
  }
}

template <class Real>
void Sequential<Real>::build_layer(std::size_t index) {
  auto& layer = description_.layers[index];
  complete(layer, description_.step);
  check_model(layer);
  layer.learning.error_transport = description_.error_transport;
  if (layer.recurrent && credit_.presynaptic_trace) {
    throw Unsupported(fmt::format(
        "{}: the credit rule '{}' has no form for recurrent synapses; expected bptt or e_prop",
        place_of(layer), credit_.name));
  }
  const std::size_t input = !layer.input.empty() ? output_node_of(layer.input, index)
                            : index == 0         ? encoded
                                                 : outputs_[index - 1];
  const Shape input_shape = input == encoded ? description_.shape : nodes_[input].stage->shape();
  auto last =
      add_node(find_for(layer, layer_kinds(), layer.kind).template make<Real>(layer, input_shape),
               input, index);
  const Shape shape = nodes_[last].stage->shape();
  layer.size = shape.size();
  if (layer.batch_norm) {
    last = add_node(
        std::make_unique<BatchNormStage<Real>>(
            configured<BatchNormParameters>(*layer.batch_norm, place_of(layer) + ", batch_norm"),
            shape),
        last, index);
  }
  if (!layer.add.empty()) {
    const auto other = output_node_of(layer.add, index);
    const auto& added = nodes_[other].stage->shape();
    if (added.size() != shape.size()) {
      throw InvalidValue(fmt::format(
          "{}: adds layer '{}' of {} to a drive of {}; expected equal shapes (a layer of kind "
          "convolution with kernel 1 and model none brings one to the other)",
          place_of(layer), layer.add, describe(added), describe(shape)));
    }
    nodes_[last].add = other;
  }
  if (neuron_models().contains(layer.model)) {
    last = add_node(std::make_unique<PopulationStage<Real>>(
                        PopulationDescription{.where = place_of(layer),
                                              .model = layer.model,
                                              .parameters = layer.model_parameters,
                                              .trained = layer.trained,
                                              .trained_per_neuron = layer.trained_per_neuron,
                                              .recurrent = layer.recurrent,
                                              .recurrent_gain = layer.recurrent_gain,
                                              .by_rates = credit_.by_rates},
                        shape, description_.step),
                    last, index);
    mark_neurons(last);
  } else if (has_activation(layer)) {
    last = add_node(
        std::make_unique<ActivationStage<Real>>(
            activations().at(layer.model).template make<Real>(layer.model_parameters.common),
            shape),
        last, index);
    mark_neurons(last);
  }
  const bool spiking = nodes_[last].stage->spiking();
  if (checked_dropout(layer) > 0.0) {
    last = add_node(std::make_unique<DropoutStage<Real>>(layer.dropout, shape,
                                                         static_cast<std::uint32_t>(index)),
                    last, index);
  }
  outputs_.push_back(last);
  layers_.push_back({layer.name, shape, spiking});
}

template <class Real>
void Sequential<Real>::place_numbers(std::uint64_t seed) {
  const auto place = [](const std::vector<Tensor>& tensors, const std::string& layer,
                        std::size_t first, std::vector<Tensor>& into) {
    std::size_t numbers = 0;
    for (auto tensor : tensors) {
      numbers += tensor.size();
      tensor.name = fmt::format("{}.{}", layer, tensor.name);
      tensor.offset += first;
      into.push_back(std::move(tensor));
    }
    return numbers;
  };
  std::size_t trained = 0, averaged = 0;
  for (auto& node : nodes_) {
    const auto& layer = layers_[node.layer].name;
    node.first_parameter = trained;
    node.parameters = place(node.stage->tensors(), layer, trained, tensors_);
    trained += node.parameters;
    node.first_statistic = averaged;
    node.statistics = place(node.stage->statistics(), layer, averaged, statistic_tensors_);
    averaged += node.statistics;
  }
  parameters_.resize(trained);
  statistics_.resize(averaged);
  std::size_t in_layer = 0;
  for (std::size_t k = 0; k < nodes_.size(); ++k) {
    const auto& node = nodes_[k];
    in_layer = k > 0 && nodes_[k - 1].layer == node.layer ? in_layer + 1 : 0;
    node.stage->initialise(seed, stream_index(node.layer, in_layer),
                           parameters().subspan(node.first_parameter, node.parameters),
                           std::span(statistics_).subspan(node.first_statistic, node.statistics));
  }
  place_feedback(seed);
}

/// Matrices [neurons][classes] for hidden layers, behind all other numbers that are not trained.
template <class Real>
void Sequential<Real>::place_feedback(std::uint64_t seed) {
  if (!direct_) return;
  const auto transport = error_transports().at(description_.error_transport).template make<Real>();
  for (auto& node : nodes_) {
    if (!node.neurons || node.layer + 1 == layers_.size()) continue;
    const std::size_t neurons = node.stage->shape().size();
    node.first_feedback = statistics_.size();
    node.feedback = neurons * classes();
    statistic_tensors_.push_back({fmt::format("{}.direct_feedback", layers_[node.layer].name),
                                  {neurons, classes()},
                                  node.first_feedback});
    statistics_.resize(statistics_.size() + node.feedback);
    transport->draw(RandomStream(seed, Purpose::feedback, static_cast<std::uint32_t>(node.layer)),
                    neurons, classes(),
                    std::span(statistics_).subspan(node.first_feedback, node.feedback));
  }
}

template <class Real>
std::span<const Real> Sequential<Real>::find_tensor(std::string_view name) const {
  std::vector<std::string> names;
  for (const auto& tensor : tensors_) {
    if (tensor.name == name) return parameters().subspan(tensor.offset, tensor.size());
    names.push_back(tensor.name);
  }
  for (const auto& tensor : statistic_tensors_) {
    if (tensor.name == name) return statistics().subspan(tensor.offset, tensor.size());
    names.push_back(tensor.name);
  }
  throw UnknownName(fmt::format("the network has no tensor '{}'{}", name, suggestion(name, names)));
}

template <class Real>
std::span<const Real> Sequential<Real>::tensor(std::string_view name) const {
  return find_tensor(name);
}

template <class Real>
std::span<Real> Sequential<Real>::tensor(std::string_view name) {
  const auto found = find_tensor(name);
  // Both vectors are this network's own.
  return {const_cast<Real*>(found.data()),
          found.size()};  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

template <class Real>
std::vector<GraphNode<Real>> Sequential<Real>::graph() const {
  std::vector<GraphNode<Real>> graph;
  for (const auto& node : nodes_) {
    graph.push_back({node.stage.get(),
                     node.input,
                     node.add,
                     node.layer,
                     {.trained = parameters().subspan(node.first_parameter, node.parameters),
                      .statistics = statistics().subspan(node.first_statistic, node.statistics),
                      .batch = {},
                      .batch_adjoint = {}}});
  }
  return graph;
}

template <class Real>
bool Sequential<Real>::over_batch() const noexcept {
  return std::ranges::any_of(nodes_,
                             [](const Node& node) { return node.stage->over_batch() != nullptr; });
}

template <class Real>
void Sequential<Real>::update_statistics(const BatchSums& sums) {
  for (const auto& found : sums.found) {
    const auto& node = nodes_[found.node];
    node.stage->over_batch()->update(
        found.settled, found.count,
        std::span(statistics_).subspan(node.first_statistic, node.statistics));
  }
}

// The members of Sequential are defined here, in sequential_pass.cpp and in sequential_adjoint.cpp;
// each file instantiates its own.
template class Sequential<float>;
template class Sequential<double>;

}  // namespace ranvier
