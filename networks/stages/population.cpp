#include "networks/stages/population.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/matrix.hpp"
#include "core/suggest.hpp"
#include "networks/initialisation.hpp"

namespace ranvier {
namespace {

const NeuronModel& checked_model(const PopulationDescription& description, std::size_t size) {
  const auto& model = neuron_models().at(description.model);
  model.validate(description.parameters, size, description.where);
  if (!model.make_gradient_float) {
    throw Unsupported(fmt::format(
        "{}: model '{}' has no gradient; expected a model that can be trained, such as 'lif'",
        description.where, description.model));
  }
  for (const auto& name : description.trained) {
    if (std::ranges::find(model.trained_parameters, name) != model.trained_parameters.end()) {
      continue;
    }
    throw UnknownName(fmt::format("{}: model '{}' has no trainable parameter '{}'{}",
                                  description.where, description.model, name,
                                  suggestion(name, model.trained_parameters)));
  }
  return model;
}

/// The value of a parameter for neuron `i` before training.
double initial_value(const PopulationDescription& description, const NeuronModel& model,
                     const std::string& name, std::size_t i) {
  const auto each = description.parameters.per_neuron.find(name);
  if (each != description.parameters.per_neuron.end()) return each->second[i];
  const auto common = description.parameters.common.find(name);
  const auto& value = common != description.parameters.common.end()
                          ? common->second
                          : find(model.parameters, name, description.where).default_value;
  return std::get<double>(
      checked(find(model.parameters, name, description.where), value, description.where));
}

/// What is left of the first variable after a step without input.
template <class Real>
double measured_leak(const GradientDynamics<Real>& dynamics) {
  struct Never final : SpikeFunction<Real> {
    void spikes(std::span<const Real>, std::span<Real> spikes) const override {
      std::ranges::fill(spikes, Real(0));
    }
    void slopes(std::span<const Real>, std::span<Real> slopes) const override {
      std::ranges::fill(slopes, Real(0));
    }
  };
  const std::size_t n = dynamics.size();
  const std::vector<Real> nothing(n);
  std::vector<Real> output(n), grad_drive(n), adjoint(dynamics.variables() * n);
  const Drive<Real> drive{.values = nothing, .steps = 1, .samples = 1, .constant = false};
  auto state = dynamics.start(1);
  Tape<Real> tape;
  dynamics.reserve(1, 1, tape);
  dynamics.forward(drive, Never{}, state, output, tape);
  adjoint[0] = Real(1);
  dynamics.backward(drive, output, tape, Never{}, {}, nothing, adjoint, grad_drive, {});
  return static_cast<double>(adjoint[0]);
}

/// `parameters` with what training made of the trained ones.
PopulationParameters with_trained(PopulationParameters parameters,
                                  const std::vector<std::string>& names, bool per_neuron,
                                  std::span<const double> logarithms) {
  const std::size_t each = names.empty() ? 0 : logarithms.size() / names.size();
  for (std::size_t k = 0; k < names.size(); ++k) {
    parameters.common.erase(names[k]);
    parameters.per_neuron.erase(names[k]);
    const auto values = logarithms.subspan(k * each, each);
    if (!per_neuron) {
      parameters.common[names[k]] = std::exp(values[0]);
      continue;
    }
    auto& column = parameters.per_neuron[names[k]];
    for (const double x : values) column.push_back(std::exp(x));
  }
  return parameters;
}

}  // namespace

template <class Real>
PopulationStage<Real>::PopulationStage(PopulationDescription description, Shape shape, double step)
    : description_(std::move(description)),
      shape_(shape),
      step_(step),
      model_(checked_model(description_, shape.size())),
      fixed_(model_.make_gradient<Real>()(description_.parameters, shape.size(), step, {})),
      leak_(measured_leak(*fixed_)) {
  if (!description_.by_rates || !model_.spiking) return;
  if (description_.recurrent || !description_.trained.empty()) {
    throw Unsupported(fmt::format(
        "{}: the credit rule 'dsr' has no form for {}; expected bptt or e_prop", description_.where,
        description_.recurrent ? "recurrent synapses" : "trained parameters of neurons"));
  }
  representation_.emplace(*fixed_, leak_, description_.where);
}

template <class Real>
std::size_t PopulationStage<Real>::log_count() const {
  return description_.trained.size() * (description_.trained_per_neuron ? shape_.size() : 1);
}

template <class Real>
std::span<const Real> PopulationStage<Real>::recurrent_weights(
    std::span<const Real> trained) const {
  return trained.subspan(log_count());
}

template <class Real>
std::vector<Tensor> PopulationStage<Real>::tensors() const {
  std::vector<Tensor> tensors;
  const std::size_t each = description_.trained_per_neuron ? shape_.size() : 1;
  for (const auto& name : description_.trained) {
    tensors.push_back({"log_" + name, {each}, tensors.size() * each});
  }
  if (description_.recurrent) {
    tensors.push_back({"recurrent", {shape_.size(), shape_.size()}, log_count()});
  }
  return tensors;
}

template <class Real>
void PopulationStage<Real>::initialise(std::uint64_t seed, std::uint32_t index,
                                       std::span<Real> trained,
                                       std::span<Real> /*statistics*/) const {
  const std::size_t each = description_.trained_per_neuron ? shape_.size() : 1;
  for (std::size_t k = 0; k < description_.trained.size(); ++k) {
    for (std::size_t i = 0; i < each; ++i) {
      const auto& name = description_.trained[k];
      const double value = initial_value(description_, model_, name, i);
      if (!(value > 0.0) || !std::isfinite(value)) {
        throw InvalidValue(fmt::format(
            "{}: parameter '{}' starts at {}; expected a number greater than 0 to train from",
            description_.where, name, value));
      }
      trained[k * each + i] = static_cast<Real>(std::log(value));
    }
  }
  if (!description_.recurrent) return;
  ranvier::initialise(Initialisation::kaiming_normal, description_.recurrent_gain, shape_.size(),
                      shape_.size(), RandomStream(seed, Purpose::initial_weights, index),
                      trained.subspan(log_count()));
}

template <class Real>
void PopulationStage<Real>::begin(std::size_t samples, StageRecord<Real>& record) const {
  record.state = fixed_->start(samples);
  record.last.assign(description_.recurrent ? samples * shape_.size() : 0, Real(0));
  record.last_adjoint.assign(record.last.size(), Real(0));
  record.adjoint.assign(record.state.variables.size(), Real(0));
}

template <class Real>
const GradientDynamics<Real>& PopulationStage<Real>::dynamics(
    std::span<const Real> trained, std::unique_ptr<GradientDynamics<Real>>& made) const {
  if (description_.trained.empty()) return *fixed_;
  made =
      model_.make_gradient<Real>()(parameters(trained), shape_.size(), step_, description_.trained);
  return *made;
}

template <class Real>
PopulationParameters PopulationStage<Real>::parameters(std::span<const Real> trained) const {
  const auto logarithms = trained.first(log_count());
  return with_trained(description_.parameters, description_.trained,
                      description_.trained_per_neuron,
                      std::vector<double>(logarithms.begin(), logarithms.end()));
}

template <class Real>
std::optional<LinearMap> PopulationStage<Real>::recurrent(std::span<const Real> trained) const {
  if (!description_.recurrent) return std::nullopt;
  return dense_map(shape_.size(), recurrent_weights(trained));
}

template <class Real>
void PopulationStage<Real>::forward(const StagePass<Real>& pass, std::span<Real> output) const {
  std::unique_ptr<GradientDynamics<Real>> made;
  const auto& population = dynamics(pass.numbers.trained, made);
  population.reserve(pass.input.steps, pass.input.samples, pass.record.tape);
  if (!description_.recurrent) {
    population.forward(
        {pass.input.values, pass.input.steps, pass.input.samples, pass.input.constant},
        pass.threshold, pass.record.state, output, pass.record.tape);
    return;
  }
  const std::size_t row = pass.input.samples * shape_.size();
  const auto weights = matrix_view(recurrent_weights(pass.numbers.trained), shape_.size());
  pass.record.drive.resize(pass.input.steps * row);
  pass.record.before = pass.record.last;
  for (std::size_t t = 0; t < pass.input.steps; ++t) {
    const auto drive = std::span(pass.record.drive).subspan(t * row, row);
    std::ranges::copy(pass.input.values.subspan(pass.input.constant ? 0 : t * row, row),
                      drive.begin());
    matrix_view(drive, pass.input.samples).noalias() +=
        matrix_view(std::span<const Real>(pass.record.last), pass.input.samples) *
        weights.transpose();
    const auto spikes = output.subspan(t * row, row);
    population.forward({drive, 1, pass.input.samples, false}, pass.threshold, pass.record.state,
                       spikes, pass.record.tape, t);
    std::ranges::copy(spikes, pass.record.last.begin());
  }
}

template <class Real>
void PopulationStage<Real>::backward(const StagePass<Real>& pass,
                                     const StageGradients<Real>& gradients) const {
  if (representation_) {
    representation_->backward(
        {pass.input.values, pass.input.steps, pass.input.samples, pass.input.constant},
        gradients.grad_output, gradients.grad_input);
    return;
  }
  std::unique_ptr<GradientDynamics<Real>> made;
  const auto& population = dynamics(pass.numbers.trained, made);
  std::vector<double> sums(log_count());
  if (!description_.recurrent) {
    population.backward(
        {pass.input.values, pass.input.steps, pass.input.samples, pass.input.constant},
        gradients.output, pass.record.tape, pass.threshold, pass.credit, gradients.grad_output,
        pass.record.adjoint, gradients.grad_input, sums);
    add_trained(sums, gradients.grad_trained);
    return;
  }
  const std::size_t row = pass.input.samples * shape_.size();
  const auto weights = matrix_view(recurrent_weights(pass.numbers.trained), shape_.size());
  auto grad_weights = matrix_view(gradients.grad_trained.subspan(log_count()), shape_.size());
  pass.record.scratch.resize(row);
  for (std::size_t t = pass.input.steps; t-- > 0;) {
    // What came back into the next step counts as gradients.output of this one.
    std::ranges::transform(gradients.grad_output.subspan(t * row, row), pass.record.last_adjoint,
                           pass.record.scratch.begin(), std::plus<>{});
    const auto grad_drive = gradients.grad_input.subspan(t * row, row);
    population.backward({std::span<const Real>(pass.record.drive).subspan(t * row, row), 1,
                         pass.input.samples, false},
                        gradients.output.subspan(t * row, row), pass.record.tape, pass.threshold,
                        pass.credit, pass.record.scratch, pass.record.adjoint, grad_drive, sums, t);
    const auto errors = matrix_view(std::span<const Real>(grad_drive), pass.input.samples);
    if (t > 0) {
      grad_weights.noalias() +=
          errors.transpose() *
          matrix_view(gradients.output.subspan((t - 1) * row, row), pass.input.samples);
    } else {
      grad_weights.noalias() +=
          errors.transpose() *
          matrix_view(std::span<const Real>(pass.record.before), pass.input.samples);
    }
    auto later = matrix_view(std::span(pass.record.last_adjoint), pass.input.samples);
    if (pass.credit.through_recurrence) {
      later.noalias() = errors * weights;
    } else {
      later.setZero();
    }
  }
  add_trained(sums, gradients.grad_trained);
}

template <class Real>
void PopulationStage<Real>::add_trained(std::span<const double> sums,
                                        std::span<Real> grad_trained) const {
  for (std::size_t k = 0; k < sums.size(); ++k) grad_trained[k] += static_cast<Real>(sums[k]);
}

template class PopulationStage<float>;
template class PopulationStage<double>;

}  // namespace ranvier
