#include "networks/deployment.hpp"

#include <algorithm>
#include <functional>
#include <memory>

#include <fmt/format.h>

#include "core/error.hpp"
#include "networks/connection_rules.hpp"
#include "networks/distribution.hpp"

namespace ranvier {
namespace {

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

/// The membrane of each neuron before anything arrives.
std::vector<double> initial_membrane(const TrainedLayer& layer) {
  const auto& [common, per_neuron] = layer.parameters;
  if (const auto found = per_neuron.find("V_initial"); found != per_neuron.end()) {
    return found->second;
  }
  const auto found = common.find("V_initial");
  const auto* value = found == common.end() ? nullptr : std::get_if<double>(&found->second);
  return std::vector<double>(layer.size(), value == nullptr ? 0.0 : *value);
}

/// A bias is part of what stands at the start: the drive of every step, or the membrane where it comes
/// once. As a parameter of every neuron it would cost each a law of its own.
PopulationSpec population_of(const TrainedLayer& layer, bool one_shot) {
  PopulationSpec population{.name = layer.name, .model = layer.model, .size = layer.size()};
  population.parameters = layer.parameters;
  if (one_shot) {
    auto membrane = initial_membrane(layer);
    std::ranges::transform(membrane, layer.bias, membrane.begin(), std::plus<>{});
    population.initial["V_m"] = listed_values(std::move(membrane));
  } else {
    population.initial["I_stim"] = listed_values(layer.bias);
  }
  return population;
}

/// Entries of zero are no synapses, unless all are listed anyway.
ProjectionSpec projection_of(const TrainedLayer& layer, const TrainedProjection& from,
                             std::string source, double step) {
  ProjectionSpec projection{.source = std::move(source),
                            .target = layer.name,
                            .rule = connection_rule("all_to_all"),
                            .weight = listed_values(from.map.weight),
                            .delay = constant_value(from.next_step ? step : 0.0),
                            .port = from.port};
  if (from.map.is_dense()) return projection;
  std::vector<NeuronId> sources, targets;
  std::vector<double> weights;
  for (std::size_t i = 0; i < from.map.outputs(); ++i) {
    for (std::size_t e = from.map.first[i]; e < from.map.first[i + 1]; ++e) {
      if (from.map.weight[e] == 0.0) continue;
      sources.push_back(static_cast<NeuronId>(from.map.source[e]));
      targets.push_back(static_cast<NeuronId>(i));
      weights.push_back(from.map.weight[e]);
    }
  }
  projection.rule = listed_synapses(std::move(sources), std::move(targets));
  projection.weight = listed_values(std::move(weights));
  return projection;
}

}  // namespace

Network deployed(const TrainedNetwork& trained, InputKind input) {
  check_shapes(trained);
  Network network;
  if (input == InputKind::spikes) {
    const auto inputs = trained.description.inputs;
    const std::string relays(input_population);
    network.add(PopulationSpec{.name = relays, .model = "parrot", .size = inputs});
    network.add(StimulusSpec{.name = std::string(input_device),
                             .model = "spike_generator",
                             .target = relays,
                             .spike_times = std::vector<std::vector<double>>(inputs)});
  }
  for (const auto& layer : trained.layers) {
    require_trainable_ports(layer);
    network.add(population_of(layer, trained.one_shot));
  }
  for (const auto& layer : trained.layers) {
    for (const auto& from : layer.projections) {
      const bool from_sample = from.source == TrainedProjection::sample;
      if (from_sample && input == InputKind::current) continue;
      const auto source =
          from_sample ? std::string(input_population) : trained.layers[from.source].name;
      network.add(projection_of(layer, from, source, trained.description.step));
    }
  }
  return network;
}

}  // namespace ranvier
