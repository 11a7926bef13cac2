#include "networks/neuron_order.hpp"

#include <algorithm>
#include <utility>

namespace ranvier {
namespace {

/// The neurons of a layer by place, then channel; empty where that changes nothing.
std::vector<NeuronId> by_place(const TrainedLayer& layer) {
  const auto& shape = layer.shape;
  if (shape.size() != layer.size() || shape.channels == 1 || shape.area() == 1) return {};
  std::vector<NeuronId> order;
  order.reserve(shape.size());
  for (std::size_t place = 0; place < shape.area(); ++place) {
    for (std::size_t channel = 0; channel < shape.channels; ++channel) {
      order.push_back(static_cast<NeuronId>(channel * shape.area() + place));
    }
  }
  return order;
}

std::vector<NeuronId> inverse(const std::vector<NeuronId>& order) {
  std::vector<NeuronId> places(order.size());
  for (NeuronId k = 0; k < order.size(); ++k) places[order[k]] = k;
  return places;
}

std::vector<double> in_order(const std::vector<double>& values,
                             const std::vector<NeuronId>& order) {
  std::vector<double> moved;
  moved.reserve(values.size());
  for (const auto i : order) moved.push_back(values[i]);
  return moved;
}

/// The rows of a map in `order`, its inputs at `places`; as they are where those are empty.
LinearMap moved(const LinearMap& map, const std::vector<NeuronId>& order,
                const std::vector<NeuronId>& places) {
  LinearMap result;
  result.inputs = map.inputs;
  result.source.reserve(map.entries());
  result.weight.reserve(map.entries());
  std::vector<std::pair<std::uint32_t, double>> row;
  for (std::size_t k = 0; k < map.outputs(); ++k) {
    const auto i = order.empty() ? k : order[k];
    row.clear();
    for (auto e = map.first[i]; e < map.first[i + 1]; ++e) {
      row.emplace_back(places.empty() ? map.source[e] : places[map.source[e]], map.weight[e]);
    }
    if (!places.empty()) std::ranges::sort(row, {}, &std::pair<std::uint32_t, double>::first);
    for (const auto& [source, weight] : row) {
      result.source.push_back(source);
      result.weight.push_back(weight);
    }
    result.end_row(map.bias[i]);
  }
  return result;
}

}  // namespace

NeuronOrder::NeuronOrder(TrainedNetwork& network) : trained_(network.layers.size()) {
  check_shapes(network);
  for (std::size_t k = 0; k + 1 < network.layers.size(); ++k) {
    trained_[k] = by_place(network.layers[k]);
  }
  std::vector<std::vector<NeuronId>> places;
  places.reserve(trained_.size());
  for (const auto& order : trained_) places.push_back(inverse(order));

  for (std::size_t k = 0; k < network.layers.size(); ++k) {
    auto& layer = network.layers[k];
    const auto& order = trained_[k];
    for (auto& from : layer.projections) {
      const bool is_sample = from.source == TrainedProjection::sample;
      const auto source = is_sample ? std::vector<NeuronId>() : places[from.source];
      if (!order.empty() || !source.empty()) from.map = moved(from.map, order, source);
    }
    if (order.empty()) continue;
    layer.bias = in_order(layer.bias, order);
    for (auto& [name, values] : layer.parameters.per_neuron) values = in_order(values, order);
  }
}

}  // namespace ranvier
