#include "experiments/classification/network_section.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/neuron_model.hpp"
#include "core/suggest.hpp"
#include "experiments/config/read.hpp"
#include "networks/stages/activation.hpp"
#include "networks/stages/batch_norm.hpp"

namespace ranvier {
namespace {

/// Keys of the section and of a layer, each declared once.
struct NetworkKeys {
  std::int64_t steps = 10;
  double step = 1.0;
  bool detach_reset = true;
  std::int64_t window = 0;
  bool truncated = false;
  std::string weights;

  static std::vector<Field<NetworkKeys>> fields() {
    return {integer("steps", &NetworkKeys::steps, Bounds{.lower = 1.0, .upper = 10000.0},
                    "steps a sample is shown for"),
            real("step", &NetworkKeys::step, "ms", positive, "duration of one step"),
            boolean("detach_reset", &NetworkKeys::detach_reset,
                    "no gradient flows through the spike in the reset"),
            integer("window", &NetworkKeys::window, non_negative,
                    "steps that training holds in memory at a time; 0 for all"),
            boolean("truncated", &NetworkKeys::truncated,
                    "no gradient flows from a window to the one before"),
            text("weights", &NetworkKeys::weights,
                 "a file to start from: results.h5 of a run, or what Sequential.save of the Python "
                 "package wrote; without one weights are random")};
  }
};

struct LayerKeys {
  std::int64_t size = 0;
  double dropout = 0.0;
  bool recurrent = false;
  double recurrent_gain = 1.0;
  bool trained_per_neuron = false;

  static std::vector<Field<LayerKeys>> fields() {
    using P = LayerKeys;
    return {integer("size", &P::size, Bounds{.lower = 0.0, .upper = 1e6},
                    "neurons of a dense layer; other kinds follow from their input"),
            real("dropout", &P::dropout, "", Bounds{.lower = 0.0, .upper = 1.0, .upper_open = true},
                 "probability that a value is silenced in training"),
            boolean("recurrent", &P::recurrent,
                    "the output of a step, weighted, arrives with the input of the next"),
            real("recurrent_gain", &P::recurrent_gain, "", positive,
                 "deviation of the recurrent weights times the root of the number of neurons"),
            boolean("trained_per_neuron", &P::trained_per_neuron,
                    "each neuron has its own trained parameters")};
  }
};

const std::vector<std::string> network_keys{"encoding", "layers", "surrogate", "loss"};
const std::vector<std::string> layer_keys{"name",    "kind",       "model", "parameters",
                                          "trained", "batch_norm", "input", "add"};

/// A word of the user's own.
void read_word(const ConfigNode& node, std::string_view expected, std::string& into) {
  if (!node.exists()) return;
  const auto value = node.value();
  if (value && std::holds_alternative<std::string>(*value)) {
    into = std::get<std::string>(*value);
  } else {
    node.refuse(expected);
  }
}

std::vector<std::string> unit_names() {
  std::vector<std::string> names;
  for (const auto& [name, model] : neuron_models()) {
    if (model.make_gradient_float) names.push_back(name);
  }
  for (const auto& name : activations().names()) names.push_back(name);
  names.emplace_back(no_model);
  return names;
}

/// A neuron model, an activation, or none; with its parameters.
void read_model(const ConfigNode& node, LayerDescription& layer) {
  const auto model = node["model"];
  read_word(model, "the name of a neuron model or an activation", layer.model);
  auto name = layer.model;
  if (name.empty()) {
    name = layer_kinds().at(layer.kind).synapses ? "lif" : std::string(no_model);
  }
  if (neuron_models().contains(name) && !neuron_models().at(name).make_gradient_float) {
    model.report(
        fmt::format("{} is '{}', which has no gradient; expected a model that can be "
                    "trained, such as 'lif'",
                    model.path(), name));
    return;
  }
  const auto names = unit_names();
  if (std::ranges::find(names, name) == names.end()) {
    model.report(fmt::format("{} is '{}', an unknown neuron model or activation{}", model.path(),
                             name, suggestion(name, names)));
    return;
  }
  const auto parameters = node.section("parameters");
  if (neuron_models().contains(name)) {
    layer.model_parameters.common =
        read_parameters(parameters, neuron_models().at(name).parameters);
  } else if (activations().contains(name)) {
    layer.model_parameters.common = read_parameters(parameters, activations().at(name).parameters);
  } else {
    parameters.allow_only({});
  }
}

/// `true`, or a map of its parameters.
void read_batch_norm(const ConfigNode& node, LayerDescription& layer) {
  if (!node.exists()) return;
  if (node.is_map()) {
    layer.batch_norm = read_parameters(node, parameters_of<BatchNormParameters>());
    return;
  }
  const auto value = node.value();
  if (!value || !std::holds_alternative<bool>(*value)) {
    node.refuse("true, false or a map of parameters");
  } else if (std::get<bool>(*value)) {
    layer.batch_norm.emplace();
  }
}

LayerDescription read_layer(const ConfigNode& node, std::size_t index) {
  LayerDescription layer;
  const auto keys = read_struct<LayerKeys>(node, {.others = layer_keys});
  layer.size = static_cast<std::size_t>(keys.size);
  layer.dropout = keys.dropout;
  layer.recurrent = keys.recurrent;
  layer.recurrent_gain = keys.recurrent_gain;
  layer.trained_per_neuron = keys.trained_per_neuron;
  layer.name = fmt::format("layer_{}", index + 1);
  read_word(node["name"], "a name for the layer", layer.name);
  if (const auto kind = node["kind"]; kind.exists()) {
    if (auto chosen = read_chosen(kind, layer_kinds())) {
      layer.kind = std::move(chosen->name);
      layer.parameters = std::move(chosen->parameters);
    }
  }
  if (layer.kind == "dense" && layer.size == 0) {
    node.report(fmt::format("{} has no size; expected the number of its neurons", node.path()));
  }
  read_model(node, layer);
  if (const auto trained = node["trained"]; trained.exists()) {
    layer.trained = read_texts(trained, "names of the model's parameters");
  }
  read_batch_norm(node["batch_norm"], layer);
  read_word(node["input"], "the name of an earlier layer", layer.input);
  read_word(node["add"], "the name of an earlier layer", layer.add);
  return layer;
}

}  // namespace

void read_network_section(const ConfigNode& node, ClassificationSetup& setup) {
  const auto keys = read_struct<NetworkKeys>(node, {.others = network_keys});
  auto& network = setup.network;
  setup.weights = keys.weights;
  network.steps = static_cast<std::size_t>(keys.steps);
  network.step = keys.step;
  network.detach_reset = keys.detach_reset;
  network.window = static_cast<std::size_t>(keys.window);
  network.truncated = keys.truncated;
  read_optional_choice(node["encoding"], encodings(), network.encoding);
  read_optional_choice(node["surrogate"], surrogates(), network.surrogate);
  read_optional_choice(node["loss"], losses(), network.loss);
  const auto layers = node.required("layers", "a list of layers, the last with one neuron a class");
  for (const auto& layer : layers.items("a list of layers")) {
    network.layers.push_back(read_layer(layer, network.layers.size()));
    const auto& name = network.layers.back().name;
    for (std::size_t k = 0; k + 1 < network.layers.size(); ++k) {
      if (network.layers[k].name != name) continue;
      layer.report(fmt::format("{} is called '{}', as is layer {}; expected every name once",
                               layer.path(), name, k + 1));
    }
  }
  if (layers.exists() && network.layers.empty()) layers.refuse("at least one layer");
}

Schema network_section_schema() {
  const Schema word{{"type", "string"}};
  const auto layer = schema_of_map(
      parameters_of<LayerKeys>(),
      {{"name", word},
       {"kind", schema_of_choice(layer_kinds())},
       {"model", schema_of_words(unit_names())},
       {"parameters", Schema{{"type", "object"}}},
       {"trained", schema_of_list(word)},
       {"batch_norm", schema_of_either({Schema{{"type", "boolean"}},
                                        schema_of_map(parameters_of<BatchNormParameters>())})},
       {"input", word},
       {"add", word}});
  return schema_of_map(parameters_of<NetworkKeys>(),
                       {{"encoding", schema_of_choice(encodings())},
                        {"surrogate", schema_of_choice(surrogates())},
                        {"loss", schema_of_choice(losses())},
                        {"layers", schema_of_list(layer)}},
                       {"layers"});
}

}  // namespace ranvier
