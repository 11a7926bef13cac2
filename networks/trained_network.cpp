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
    sum.parts.push_back({part.source, std::move(composed_map), false});
  }
  return sum;
}

/// The network taken apart, node by node.
class Extraction {
 public:
  explicit Extraction(const Sequential<float>& network)
      : network_(network), graph_(network.graph()), outputs_(graph_.size()) {}

  std::vector<TrainedLayer> layers() {
    for (std::size_t k = 0; k < graph_.size(); ++k) visit(k);
    return std::move(layers_);
  }

 private:
  static constexpr auto sample = TrainedProjection::sample;

  const LayerDescription& layer_of(std::size_t k) const {
    return network_.description().layers[graph_[k].layer];
  }

  Sum input_of(std::size_t k) const {
    if (graph_[k].input != Sequential<float>::encoded) return outputs_[graph_[k].input];
    return {.parts = {{sample, identity_map(network_.inputs()), false}},
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
    return {.parts = {{layers_.size() - 1, scaled(identity_map(size), amplitude), false}},
            .bias = std::vector<double>(size)};
  }

  Sum neurons(std::size_t k, const PopulationStage<float>& population, Sum drive) {
    TrainedLayer made{.name = layer_of(k).name,
                      .model = layer_of(k).model,
                      .parameters = population.parameters(graph_[k].numbers.trained),
                      .bias = std::move(drive.bias),
                      .projections = std::move(drive.parts)};
    if (const auto recurrent = population.recurrent(graph_[k].numbers.trained)) {
      made.projections.push_back({layers_.size(), *recurrent, true});
    }
    return layer(std::move(made), 1.0);
  }

  Sum converted(std::size_t k, const ActivationStage<float>& activation, Sum drive) {
    const auto levels = activation.levels(graph_[k].numbers.trained);
    if (!levels) {
      throw Unsupported(fmt::format(
          "layer '{}' has the activation '{}', which has no levels to count spikes by; expected "
          "qcfs or lsq, or a conversion that balances thresholds",
          layer_of(k).name, layer_of(k).model));
    }
    return layer({.name = layer_of(k).name,
                  .model = "integrate_and_fire",
                  .parameters = {{{"V_th", levels->threshold},
                                  {"V_initial", 0.5 * levels->threshold},
                                  {"step", network_.description().step}},
                                 {}},
                  .bias = std::move(drive.bias),
                  .projections = std::move(drive.parts)},
                 levels->threshold);
  }

  const Sequential<float>& network_;
  std::vector<GraphNode<float>> graph_;
  std::vector<Sum> outputs_;
  std::vector<TrainedLayer> layers_;
};

}  // namespace

TrainedNetwork trained(const Sequential<float>& network) {
  TrainedNetwork result{.description = network.description(),
                        .layers = Extraction(network).layers(),
                        .tensors = network.tensors(),
                        .numbers = {network.parameters().begin(), network.parameters().end()}};
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

}  // namespace ranvier
