#include "networks/deployment.hpp"

#include <algorithm>
#include <memory>
#include <span>

#include <fmt/format.h>

#include "core/error.hpp"
#include "networks/connection_rules.hpp"
#include "networks/distribution.hpp"

namespace ranvier {
namespace {

void check_shapes(const std::vector<TrainedLayer>& layers) {
  if (layers.empty()) {
    throw InvalidValue("the network to deploy has no layers; expected at least one");
  }
  for (std::size_t k = 0; k < layers.size(); ++k) {
    const auto& layer = layers[k];
    if (layer.weights.size() != layer.size * layer.inputs || layer.bias.size() != layer.size) {
      throw InvalidValue(fmt::format(
          "layer '{}' has {} weights and {} biases; expected {} x {} and {}", layer.name,
          layer.weights.size(), layer.bias.size(), layer.size, layer.inputs, layer.size));
    }
    if (k > 0 && layer.inputs != layers[k - 1].size) {
      throw InvalidValue(
          fmt::format("layer '{}' takes {} inputs; layer '{}' before it has {} neurons", layer.name,
                      layer.inputs, layers[k - 1].name, layers[k - 1].size));
    }
  }
}

/// The ports through which training reaches a model: a step of the membrane, a drive per step.
void require_trainable_ports(const TrainedLayer& layer) {
  const auto& ports = neuron_models().at(layer.model).ports;
  const auto has = [&](std::string_view name) {
    return std::ranges::find(ports, name, &Port::name) != ports.end();
  };
  if (has("membrane") && has("current")) return;
  throw Unsupported(
      fmt::format("layer '{}' uses model {}, which takes synaptic currents; layers deploy with "
                  "models of the lif "
                  "family, whose weights step the membrane",
                  layer.name, layer.model));
}

PopulationSpec population_of(const TrainedLayer& layer) {
  PopulationSpec population{.name = layer.name, .model = layer.model, .size = layer.size};
  population.parameters = layer.parameters;
  population.parameters.common.erase("I_e");
  population.parameters.per_neuron["I_e"] = layer.bias;
  return population;
}

ProjectionSpec projection_of(const TrainedLayer& layer, std::string source) {
  return {.source = std::move(source),
          .target = layer.name,
          .rule = connection_rule("all_to_all"),
          .weight = listed_values(layer.weights),
          .delay = constant_value(0.0),
          .port = "membrane"};
}

}  // namespace

Network deployed(const std::vector<TrainedLayer>& layers, InputKind input) {
  check_shapes(layers);
  Network network;
  std::string previous;
  if (input == InputKind::spikes) {
    const auto inputs = layers.front().inputs;
    previous = input_population;
    network.add(PopulationSpec{.name = previous, .model = "parrot", .size = inputs});
    network.add(StimulusSpec{.name = std::string(input_device),
                             .model = "spike_generator",
                             .target = previous,
                             .spike_times = std::vector<std::vector<double>>(inputs)});
  }
  for (const auto& layer : layers) {
    require_trainable_ports(layer);
    network.add(population_of(layer));
    if (!previous.empty()) network.add(projection_of(layer, previous));
    previous = layer.name;
  }
  return network;
}

std::vector<double> drive_of(const TrainedLayer& layer, std::span<const double> input) {
  std::vector<double> drive(layer.size);
  for (std::size_t i = 0; i < layer.size; ++i) {
    const double* row = layer.weights.data() + i * layer.inputs;
    double sum = 0.0;
    for (std::size_t j = 0; j < layer.inputs; ++j) sum += row[j] * input[j];
    drive[i] = sum;
  }
  return drive;
}

}  // namespace ranvier
