#include "networks/trained_network.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"
#include "networks/stages/activation.hpp"
#include "networks/stages/population.hpp"

namespace ranvier {
namespace {

void check_shapes(const TrainedNetwork& network, const TrainedLayer& layer) {
  for (const auto& from : layer.projections) {
    const bool from_sample = from.source == TrainedProjection::sample;
    if (!from_sample && from.source >= network.layers.size()) {
      throw InvalidValue(fmt::format("layer '{}' takes input from layer {}; expected one of {}",
                                     layer.name, from.source, network.layers.size()));
    }
    const auto sent = from_sample ? network.description.inputs : network.layers[from.source].size();
    if (from.map.inputs == sent && from.map.outputs() == layer.size()) continue;
    throw InvalidValue(
        fmt::format("synapses into layer '{}' lead from {} to {} neurons; expected from {} to {}",
                    layer.name, from.map.inputs, from.map.outputs(), sent, layer.size()));
  }
}

/// What a stage puts out, as a linear function of what neurons send.
struct Sum {
  std::vector<TrainedProjection> parts;
  std::vector<double> bias;
};

void add(TrainedProjection part, Sum& sum) {
  for (auto& known : sum.parts) {
    if (known.source != part.source) continue;
    known.map = sum_of(known.map, part.map);
    return;
  }
  sum.parts.push_back(std::move(part));
}

void add(const Sum& other, Sum& sum) {
  for (const auto& part : other.parts) add(part, sum);
  std::ranges::transform(sum.bias, other.bias, sum.bias.begin(), std::plus<>{});
}

Sum through(const LinearMap& map, const Sum& input) {
  Sum sum{.parts = {}, .bias = product(map, input.bias)};
  std::ranges::transform(sum.bias, map.bias, sum.bias.begin(), std::plus<>{});
  for (const auto& part : input.parts) {
    auto composed_map = composed(map, part.map);
    std::ranges::fill(composed_map.bias, 0.0);
    sum.parts.push_back({.source = part.source, .map = std::move(composed_map)});
  }
  return sum;
}

/// The network taken apart, node by node.
class Extraction {
 public:
  Extraction(const Sequential<float>& network, const Conversion& conversion,
             std::span<const double> thresholds)
      : network_(network),
        conversion_(conversion),
        thresholds_(thresholds),
        graph_(network.graph()),
        outputs_(graph_.size()) {}

  std::vector<TrainedLayer> layers() {
    for (std::size_t k = 0; k < graph_.size(); ++k) visit(k);
    return std::move(layers_);
  }

 private:
  static constexpr auto sample = TrainedProjection::sample;

  const LayerDescription& layer_of(std::size_t k) const {
    return network_.description().layers[graph_[k].layer];
  }

  const Shape& shape_of(std::size_t k) const { return network_.layer(graph_[k].layer).shape; }

  Sum input_of(std::size_t k) const {
    if (graph_[k].input != Sequential<float>::encoded) return outputs_[graph_[k].input];
    return {.parts = {{.source = sample, .map = identity_map(network_.inputs())}},
            .bias = std::vector<double>(network_.inputs())};
  }

  void visit(std::size_t k) {
    const auto& node = graph_[k];
    auto drive = input_of(k);
    if (const auto map = node.stage->linear(node.numbers)) {
      outputs_[k] = through(*map, drive);
    } else if (const auto* population = dynamic_cast<const PopulationStage<float>*>(node.stage)) {
      outputs_[k] = neurons(k, *population, std::move(drive));
    } else if (const auto* activation = dynamic_cast<const ActivationStage<float>*>(node.stage)) {
      outputs_[k] = converted(k, *activation, std::move(drive));
    } else {
      throw Unsupported(fmt::format(
          "layer '{}' is of kind {}, which spikes cannot compute; expected an average_pool",
          layer_of(k).name, layer_of(k).kind));
    }
    if (node.add != Sequential<float>::encoded) add(outputs_[node.add], outputs_[k]);
  }

  /// A new layer, each spike of which counts `amplitude`.
  Sum layer(TrainedLayer layer, double amplitude) {
    const std::size_t size = layer.size();
    layers_.push_back(std::move(layer));
    return {.parts = {{.source = layers_.size() - 1, .map = scaled(identity_map(size), amplitude)}},
            .bias = std::vector<double>(size)};
  }

  Sum neurons(std::size_t k, const PopulationStage<float>& population, Sum drive) {
    TrainedLayer made{.name = layer_of(k).name,
                      .model = layer_of(k).model,
                      .parameters = population.parameters(graph_[k].numbers.trained),
                      .bias = std::move(drive.bias),
                      .projections = std::move(drive.parts),
                      .shape = shape_of(k)};
    if (const auto recurrent = population.recurrent(graph_[k].numbers.trained)) {
      made.projections.push_back({.source = layers_.size(), .map = *recurrent, .next_step = true});
    }
    return layer(std::move(made), 1.0);
  }

  Sum converted(std::size_t k, const ActivationStage<float>& activation, Sum drive) {
    const auto neurons =
        converted_neurons(levels_of(k, activation), conversion_, network_.description().step);
    TrainedLayer sending{.name = layer_of(k).name,
                         .model = neurons.model,
                         .parameters = neurons.sending,
                         .bias = std::move(drive.bias),
                         .projections = std::move(drive.parts),
                         .shape = shape_of(k)};
    if (!conversion_.takes_back()) return layer(std::move(sending), neurons.amplitude);
    auto correcting = sending;
    correcting.name = corrections_of(sending.name);
    correcting.parameters = neurons.correcting;
    join_halves(sending, correcting);
    auto sum = layer(std::move(sending), neurons.amplitude);
    add(layer(std::move(correcting), -neurons.amplitude), sum);
    return sum;
  }

  /// Each half tells the other of its spikes. The sending one may learn a step later, as it fires in no
  /// step in which the other does.
  void join_halves(TrainedLayer& sending, TrainedLayer& correcting) const {
    const auto each = identity_map(sending.size());
    const std::size_t first = layers_.size();
    sending.projections.push_back(
        {.source = first + 1, .map = each, .next_step = true, .port = "partner"});
    correcting.projections.push_back({.source = first, .map = each, .port = "partner"});
  }

  Levels levels_of(std::size_t k, const ActivationStage<float>& activation) const {
    if (const auto levels = activation.levels(graph_[k].numbers.trained)) return *levels;
    const auto index = graph_[k].layer;
    if (index >= thresholds_.size() || !(thresholds_[index] > 0.0)) {
      throw Unsupported(fmt::format(
          "layer '{}' has the activation '{}', which has no levels to count spikes by; expected "
          "qcfs or lsq, or a conversion with 'balance: percentile'",
          layer_of(k).name, layer_of(k).model));
    }
    if (conversion_.one_shot()) {
      throw Unsupported(fmt::format(
          "layer '{}' has the activation '{}', which has no levels that one-shot input could be "
          "counted out in; expected qcfs or lsq, or constant input",
          layer_of(k).name, layer_of(k).model));
    }
    return {.count = 0, .threshold = thresholds_[index]};
  }

  const Sequential<float>& network_;
  const Conversion& conversion_;
  std::span<const double> thresholds_;
  std::vector<GraphNode<float>> graph_;
  std::vector<Sum> outputs_;
  std::vector<TrainedLayer> layers_;
};

}  // namespace

TrainedNetwork trained(const Sequential<float>& network, const Conversion& conversion,
                       std::span<const double> thresholds) {
  if (conversion.one_shot()) require_one_shot(network.description());
  TrainedNetwork result{.description = network.description(),
                        .layers = Extraction(network, conversion, thresholds).layers(),
                        .tensors = network.tensors(),
                        .numbers = {network.parameters().begin(), network.parameters().end()},
                        .one_shot = conversion.one_shot()};
  for (auto tensor : network.statistic_tensors()) {
    tensor.offset += network.parameters().size();
    result.tensors.push_back(std::move(tensor));
  }
  result.numbers.insert(result.numbers.end(), network.statistics().begin(),
                        network.statistics().end());
  if (result.layers.empty() || result.layers.back().size() != network.classes()) {
    throw Unsupported(fmt::format(
        "the last layer '{}' has no neurons; expected a model, such as leaky_integrator with "
        "tau_m .inf, that adds up the scores",
        network.layer(network.layer_count() - 1).name));
  }
  return result;
}

void check_shapes(const TrainedNetwork& network) {
  for (const auto& layer : network.layers) check_shapes(network, layer);
}

}  // namespace ranvier
