#include "networks/conversion.hpp"

#include <cmath>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/neuron_model.hpp"
#include "networks/sequential.hpp"

namespace ranvier {
namespace {

/// Whether neurons of the layer add up whatever arrives and send nothing.
bool adds_up(const LayerDescription& layer) {
  if (layer.model != "leaky_integrator") return false;
  const auto tau_m = layer.model_parameters.common.find("tau_m");
  return tau_m != layer.model_parameters.common.end() && layer.trained.empty() &&
         std::holds_alternative<double>(tau_m->second) &&
         std::isinf(std::get<double>(tau_m->second));
}

/// Whether the layer's units have no time of their own.
bool is_timeless(const LayerDescription& layer) {
  if (layer.model.empty()) return !layer_kinds().at(layer.kind).synapses;
  return layer.model == no_model || activations().contains(layer.model);
}

}  // namespace

std::vector<Field<Conversion>> Conversion::fields() {
  return {
      choice("balance", &Conversion::balance, {"none", "percentile"},
             "where activations without levels get their thresholds from: percentile takes one of "
             "their values on training samples"),
      real("percentile", &Conversion::percentile, "%",
           Bounds{.lower = 0.0, .upper = 100.0, .lower_open = true},
           "of a layer's activations that the threshold is not below"),
      integer("samples", &Conversion::samples, at_least_one,
              "training samples that thresholds are balanced on"),
      choice("variant", &Conversion::variant, {"unsigned", "signed"},
             "whether a neuron can take spikes back"),
      choice("input", &Conversion::input, {"constant", "one_shot"},
             "the sample drives every step, or arrives once"),
  };
}

ConvertedNeurons converted_neurons(const Levels& levels, const Conversion& conversion,
                                   double step) {
  const double threshold = conversion.one_shot()
                               ? levels.threshold / static_cast<double>(levels.count)
                               : levels.threshold;
  const ValueMap membrane{{"V_th", threshold}, {"V_initial", 0.5 * threshold}, {"step", step}};
  ConvertedNeurons neurons{.model = "integrate_and_fire",
                           .sending = {membrane, {}},
                           .correcting = {},
                           .amplitude = threshold};
  // The bound on the number of spikes is the signed model's, with or without its other half.
  if (!conversion.takes_back() && !conversion.one_shot()) return neurons;
  neurons.model = "signed_integrate_and_fire";
  if (conversion.one_shot()) neurons.sending.common["most"] = static_cast<double>(levels.count);
  neurons.correcting = neurons.sending;
  neurons.correcting.common["half"] = std::string("correcting");
  return neurons;
}

std::string corrections_of(const std::string& name) { return name + "_corrections"; }

void require_one_shot(const SequentialDescription& network) {
  const auto& encoding = network.encoding;
  if (!encodings().at(encoding.name).make<double>(encoding.parameters)->constant()) {
    throw Unsupported(fmt::format(
        "one-shot input shows a sample once, which the encoding '{}' does not; expected current",
        encoding.name));
  }
  const auto& loss = network.loss.name;
  if (loss != "last_membrane" && loss != "every_step") {
    throw Unsupported(fmt::format(
        "one-shot input ends at the right scores, and the readout '{}' also looks at the steps "
        "before; expected last_membrane or every_step",
        loss));
  }
  for (const auto& layer : network.layers) {
    if (is_timeless(layer) || adds_up(layer)) continue;
    throw Unsupported(fmt::format(
        "layer '{}' has neurons of model '{}' that one-shot input cannot drive; expected an "
        "activation, or leaky_integrator with tau_m .inf",
        layer.name, layer.model.empty() ? "lif" : layer.model));
  }
}

}  // namespace ranvier
