#include "networks/sequential.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/neuron_model.hpp"
#include "core/suggest.hpp"

namespace ranvier {
namespace {

void check(const SequentialDescription& description) {
  if (description.inputs == 0) throw InvalidValue("the network has no inputs; expected at least 1");
  if (description.steps == 0) throw InvalidValue("the network runs 0 steps; expected at least 1");
  if (!(description.step > 0.0)) {
    throw InvalidValue(fmt::format("a step of {} ms; expected more than 0 ms", description.step));
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
    if (layers[l].size == 0) {
      throw InvalidValue(fmt::format("layer '{}' has size 0; expected at least 1", layers[l].name));
    }
    names.push_back(layers[l].name);
  }
}

/// Models of discrete dynamics have a step of their own: that of the window, unless set.
void share_step(double step, std::vector<LayerDescription>& layers) {
  for (auto& layer : layers) {
    if (!neuron_models().contains(layer.model)) continue;
    for (const auto& parameter : neuron_models().at(layer.model).parameters) {
      if (parameter.name == "step") layer.model_parameters.common.emplace("step", step);
    }
  }
}

/// A layer with a threshold whose spikes the rate penalty is about.
template <class Real>
bool is_regularised(const RateRegularisation& penalty, const Layer<Real>& layer) {
  return penalty.strength > 0.0 && layer.spiking();
}

}  // namespace

template <class Real>
Sequential<Real>::Sequential(SequentialDescription description, std::uint64_t seed, bool smoothed)
    : description_(std::move(description)), smoothed_(smoothed) {
  check(description_);
  name_layers(description_.layers);
  share_step(description_.step, description_.layers);
  encoding_ = encodings()
                  .at(description_.encoding.name)
                  .template make<Real>(description_.encoding.parameters);
  surrogate_ = surrogates()
                   .at(description_.surrogate.name)
                   .template make<Real>(description_.surrogate.parameters);
  smooth_threshold_ = std::make_unique<SmoothedThreshold<Real>>(*surrogate_);
  loss_ = losses().at(description_.loss.name).template make<Real>(description_.loss.parameters);

  std::size_t width = description_.inputs;
  offsets_.push_back(0);
  for (const auto& layer : description_.layers) {
    layers_.push_back(find_for(layer, layer_kinds(), layer.kind)
                          .template make<Real>(layer, width, description_.step));
    width = layers_.back()->outputs();
    std::size_t count = 0;
    for (auto tensor : layers_.back()->tensors()) {
      count += tensor.size();
      tensor.name = fmt::format("{}.{}", layer.name, tensor.name);
      tensor.offset += offsets_.back();
      tensors_.push_back(std::move(tensor));
    }
    offsets_.push_back(offsets_.back() + count);
  }
  parameters_.resize(offsets_.back());
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    layers_[l]->initialise(
        seed, static_cast<std::uint32_t>(l),
        std::span(parameters_).subspan(offsets_[l], offsets_[l + 1] - offsets_[l]));
  }
}

template <class Real>
std::span<const Real> Sequential<Real>::tensor(std::string_view name) const {
  std::vector<std::string> names;
  for (const auto& tensor : tensors_) {
    if (tensor.name == name) return parameters().subspan(tensor.offset, tensor.size());
    names.push_back(tensor.name);
  }
  throw UnknownName(fmt::format("the network has no tensor '{}'{}", name, suggestion(name, names)));
}

template <class Real>
std::span<Real> Sequential<Real>::tensor(std::string_view name) {
  const auto found = std::as_const(*this).tensor(name);
  return parameters().subspan(static_cast<std::size_t>(found.data() - parameters_.data()),
                              found.size());
}

template <class Real>
Activity<Real> Sequential<Real>::input_of(std::size_t layer,
                                          const SequentialTrace<Real>& trace) const {
  if (layer == 0) {
    return {trace.activity, description_.steps, trace.samples.size(), encoding_->constant()};
  }
  return {trace.layers[layer - 1].output, description_.steps, trace.samples.size(), false};
}

template <class Real>
std::span<const Real> Sequential<Real>::parameters_of_layer(std::size_t layer) const {
  return parameters().subspan(offsets_[layer], offsets_[layer + 1] - offsets_[layer]);
}

template <class Real>
const SpikeFunction<Real>& Sequential<Real>::threshold() const noexcept {
  if (smoothed_) return *smooth_threshold_;
  return *surrogate_;
}

template <class Real>
Presentation Sequential<Real>::presentation(std::uint64_t seed, std::uint32_t epoch,
                                            const SequentialTrace<Real>& trace) const {
  return {.steps = description_.steps,
          .step = description_.step,
          .seed = seed,
          .epoch = epoch,
          .samples = trace.samples,
          .events = trace.events};
}

template <class Real>
void Sequential<Real>::forward(std::uint64_t seed, std::uint32_t epoch,
                               SequentialTrace<Real>& trace) const {
  trace.activity.resize((encoding_->constant() ? 1 : description_.steps) * trace.values.size());
  encoding_->encode(trace.values, presentation(seed, epoch, trace), smoothed_, trace.activity);
  trace.layers.resize(layers_.size());
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    layers_[l]->forward(parameters_of_layer(l), input_of(l, trace), threshold(), trace.layers[l]);
  }
}

template <class Real>
Output<Real> Sequential<Real>::output(const SequentialTrace<Real>& trace) const {
  return {trace.layers.back().output, description_.steps, trace.samples.size(), classes()};
}

template <class Real>
Objective Sequential<Real>::objective(std::span<const std::uint8_t> labels,
                                      const RateRegularisation& penalty,
                                      const SequentialTrace<Real>& trace) const {
  const auto readout = loss_->evaluate(output(trace), {labels, trace.samples}, 1.0, {});
  Objective result{readout.loss, 0.0, readout.correct};
  for (std::size_t l = 0; l + 1 < layers_.size(); ++l) {
    if (!is_regularised(penalty, *layers_[l])) continue;
    result.penalty += add_rate_penalty<Real>(penalty, description_.steps, trace.samples.size(),
                                             trace.layers[l].output, 1.0, {});
  }
  return result;
}

template <class Real>
Objective Sequential<Real>::backward(std::span<const std::uint8_t> labels,
                                     const RateRegularisation& penalty, double weight,
                                     SequentialTrace<Real>& trace, std::span<Real> grad_parameters,
                                     std::span<Real> grad_values) const {
  auto& last = trace.layers.back();
  last.grad_output.resize(last.output.size());
  const auto readout =
      loss_->evaluate(output(trace), {labels, trace.samples}, weight, last.grad_output);
  Objective result{readout.loss, 0.0, readout.correct};
  trace.grad_activity.resize(grad_values.empty() ? 0 : trace.activity.size());
  for (std::size_t l = layers_.size(); l-- > 0;) {
    std::span<Real> grad_input = trace.grad_activity;
    if (l > 0) {
      trace.layers[l - 1].grad_output.resize(trace.layers[l - 1].output.size());
      grad_input = trace.layers[l - 1].grad_output;
    }
    layers_[l]->backward(parameters_of_layer(l), input_of(l, trace), threshold(),
                         description_.detach_reset, trace.layers[l],
                         grad_parameters.subspan(offsets_[l], offsets_[l + 1] - offsets_[l]),
                         grad_input);
    if (l > 0 && is_regularised(penalty, *layers_[l - 1])) {
      result.penalty += add_rate_penalty<Real>(penalty, description_.steps, trace.samples.size(),
                                               trace.layers[l - 1].output, weight, grad_input);
    }
  }
  if (!grad_values.empty()) {
    encoding_->backward(trace.values, presentation(0, 0, trace), trace.grad_activity, grad_values);
  }
  return result;
}

template class Sequential<float>;
template class Sequential<double>;

}  // namespace ranvier
