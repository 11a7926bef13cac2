#include "experiments/event_learning/event_network_section.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/error.hpp"
#include "experiments/config/read.hpp"

namespace ranvier {
namespace {

struct NetworkKeys {
  double window = 60.0;
  std::string weights;

  static std::vector<Field<NetworkKeys>> fields() {
    return {real("window", &NetworkKeys::window, "ms", positive, "time a sample is shown for"),
            text("weights", &NetworkKeys::weights,
                 "results.h5 of an earlier run whose weights to start from; empty: draw them")};
  }
};

struct LayerKeys {
  std::string name;
  std::int64_t size = 1;
  double delay = 0.0;

  static std::vector<Field<LayerKeys>> fields() {
    return {text("name", &LayerKeys::name, "name of the layer"),
            integer("size", &LayerKeys::size, Bounds{.lower = 1.0, .upper = 1e6},
                    "neurons; of the last layer, the number of classes"),
            real("delay", &LayerKeys::delay, "ms", non_negative,
                 "of the synapses from the layer before")};
  }
};

struct WeightKeys {
  double mean = 0.0;
  double deviation = 0.0;

  static std::vector<Field<WeightKeys>> fields() {
    return {real("mean", &WeightKeys::mean, "pA", any_real, "mean of the initial weights"),
            real("deviation", &WeightKeys::deviation, "pA", non_negative,
                 "standard deviation of the initial weights")};
  }
};

struct RecurrentKeys {
  double mean = 0.0;
  double deviation = 0.0;
  double delay = 1.0;

  static std::vector<Field<RecurrentKeys>> fields() {
    using P = RecurrentKeys;
    return {real("mean", &P::mean, "pA", any_real, "mean of the initial weights"),
            real("deviation", &P::deviation, "pA", non_negative,
                 "standard deviation of the initial weights"),
            real("delay", &P::delay, "ms", positive, "of the synapses within the layer")};
  }
};

EventLayer read_layer(const ConfigNode& node, std::size_t index) {
  const auto keys = read_struct<LayerKeys>(node, {.others = {"parameters", "weight", "recurrent"}});
  EventLayer layer{
      .population = {.name = keys.name.empty() ? fmt::format("layer_{}", index + 1) : keys.name,
                     .size = static_cast<std::size_t>(keys.size)}};
  auto& parameters = layer.population.parameters;
  parameters = read_parameters(node.section("parameters"), parameters_of<IafPscExp::Parameters>());
  try {
    parameters_of(layer.population).validate(node.path());
  } catch (const InvalidValue& error) {
    node.report(error.what());
  }
  const auto weight = read_struct<WeightKeys>(node.section("weight"));
  layer.from_before = {.weight = {weight.mean, weight.deviation}, .delay = keys.delay};
  if (const auto recurrent = node["recurrent"]; recurrent.exists()) {
    const auto own = read_struct<RecurrentKeys>(recurrent);
    layer.recurrent = {.weight = {own.mean, own.deviation}, .delay = own.delay};
  }
  return layer;
}

/// The layers with names of their own.
std::vector<EventLayer> read_layers(const ConfigNode& node) {
  const auto list = node.required("layers", "a list of layers, the last with one neuron a class");
  std::vector<EventLayer> layers;
  for (const auto& item : list.items("a list of layers")) {
    auto layer = read_layer(item, layers.size());
    const auto& name = layer.population.name;
    const bool taken = std::ranges::any_of(
        layers, [&](const EventLayer& other) { return other.population.name == name; });
    if (taken || name == circuit_input) {
      item.report(
          fmt::format("{} is called '{}', as is another part of the network; expected "
                      "every name once",
                      item.path(), name));
    }
    layers.push_back(std::move(layer));
  }
  if (list.exists() && layers.empty()) list.refuse("at least one layer");
  return layers;
}

void read_encoding(const ConfigNode& node, SpikeTimeEncoding& encoding) {
  encoding = read_struct<SpikeTimeEncoding>(node, {.others = {"bias"}});
  const Parameter time{.name = "bias",
                       .unit = "ms",
                       .type = ParameterType::real,
                       .default_value = 0.0,
                       .bounds = positive,
                       .choices = {},
                       .doc = "spike times of further inputs that are the same for all samples"};
  if (const auto bias = node["bias"]; bias.exists()) encoding.bias = read_numbers(bias, time);
}

}  // namespace

EventNetworkSection read_event_network(const ConfigNode& node) {
  EventNetworkSection section;
  const auto keys = read_struct<NetworkKeys>(node, {.others = {"encoding", "layers", "loss"}});
  section.window = keys.window;
  section.weights = keys.weights;
  read_encoding(node.section("encoding"), section.encoding);
  section.loss = read_struct<FirstSpikeLoss>(node.section("loss"));
  section.layers = read_layers(node);
  return section;
}

Schema event_network_schema() {
  const auto layer =
      schema_of_map(parameters_of<LayerKeys>(),
                    {{"parameters", schema_of_map(parameters_of<IafPscExp::Parameters>())},
                     {"weight", schema_of_map(parameters_of<WeightKeys>())},
                     {"recurrent", schema_of_map(parameters_of<RecurrentKeys>())}});
  const Schema times{{"type", "array"}, {"items", {{"type", "number"}}}};
  return schema_of_map(
      parameters_of<NetworkKeys>(),
      {{"encoding", schema_of_map(parameters_of<SpikeTimeEncoding>(), {{"bias", times}})},
       {"layers", schema_of_list(layer)},
       {"loss", schema_of_map(parameters_of<FirstSpikeLoss>())}},
      {"layers"});
}

}  // namespace ranvier
