#include "networks/layers/dense.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/matrix.hpp"
#include "core/neuron_model.hpp"

namespace ranvier {
namespace {

template <class Real>
std::unique_ptr<GradientDynamics<Real>> make_population(const LayerDescription& description,
                                                        double step) {
  const auto where = fmt::format("layer '{}'", description.name);
  const auto& model = find_for(description, neuron_models(), description.model);
  model.validate(description.model_parameters, description.size, where);
  const auto& make = [&]() -> const auto& {
    if constexpr (std::is_same_v<Real, float>) {
      return model.make_gradient_float;
    } else {
      return model.make_gradient_double;
    }
  }
  ();
  if (!make) {
    throw Unsupported(fmt::format(
        "{}: model '{}' has no gradient; expected a model that can be trained, such as 'lif'",
        where, description.model));
  }
  return make(description.model_parameters, description.size, step);
}

/// Sums [T][R] over time into [R], step after step: Eigen's column sums associate differently
/// according to where in memory the sum lies, and equal runs would differ in the last bit.
template <class Real>
void sum_over_time(std::span<const Real> values, std::size_t steps, std::vector<Real>& sum) {
  const std::size_t row = values.size() / steps;
  sum.assign(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(row));
  for (std::size_t t = 1; t < steps; ++t) {
    const auto step = values.subspan(t * row, row);
    std::transform(sum.begin(), sum.end(), step.begin(), sum.begin(), std::plus<>{});
  }
}

}  // namespace

std::vector<Field<DenseParameters>> DenseParameters::fields() {
  return {
      choice("initialisation", &DenseParameters::initialisation,
             {"kaiming_uniform", "kaiming_normal", "xavier_uniform", "xavier_normal"},
             "distribution of the initial weights"),
      real("gain", &DenseParameters::gain, "", positive,
           "standard deviation of the initial weights times the square root of the fan"),
      boolean("bias", &DenseParameters::bias, "whether each neuron has a trainable bias"),
  };
}

template <class Real>
Dense<Real>::Dense(const LayerDescription& description, std::size_t inputs, double step)
    : parameters_(configured<DenseParameters>(description.parameters,
                                              fmt::format("layer '{}'", description.name))),
      inputs_(inputs),
      spiking_(find_for(description, neuron_models(), description.model).spiking),
      population_(make_population<Real>(description, step)),
      rule_(find_for(description, weight_rules(), description.weight_rule.name)
                .template make<Real>(description.weight_rule.parameters)),
      transport_(find_for(description, error_transports(), description.error_transport.name)
                     .template make<Real>(description.error_transport.parameters)) {}

template <class Real>
std::vector<Tensor> Dense<Real>::tensors() const {
  std::vector<Tensor> tensors{{"weight", {outputs(), inputs_}, 0}};
  if (parameters_.bias) tensors.push_back({"bias", {outputs()}, weight_count()});
  return tensors;
}

template <class Real>
void Dense<Real>::initialise(std::uint64_t seed, std::uint32_t index_in_network,
                             std::span<Real> parameters) const {
  ranvier::initialise(static_cast<Initialisation>(parameters_.initialisation), parameters_.gain,
                      inputs_, outputs(),
                      RandomStream(seed, Purpose::initial_weights, index_in_network),
                      parameters.first(weight_count()));
  std::ranges::fill(parameters.subspan(weight_count()), Real(0));
}

template <class Real>
void Dense<Real>::forward(std::span<const Real> parameters, const Activity<Real>& input,
                          const SpikeFunction<Real>& threshold, LayerTrace<Real>& trace) const {
  const auto rows = input.rows();
  trace.drive.resize(rows * outputs());
  trace.output.resize(input.steps * input.samples * outputs());
  const auto weights = parameters.first(weight_count());
  auto drive = matrix_view(std::span(trace.drive), rows);
  drive.noalias() = matrix_view(input.values, rows) * matrix_view(weights, outputs()).transpose();
  if (parameters_.bias) {
    drive.rowwise() += matrix_view(parameters.subspan(weight_count()), 1).row(0);
  }
  population_->forward(input.steps, input.samples, trace.drive, input.constant, threshold,
                       trace.output, trace.tape);
}

template <class Real>
void Dense<Real>::backward(std::span<const Real> parameters, const Activity<Real>& input,
                           const SpikeFunction<Real>& threshold, bool detach_reset,
                           LayerTrace<Real>& trace, std::span<Real> grad_parameters,
                           std::span<Real> grad_input) const {
  trace.grad_drive.resize(trace.output.size());
  population_->backward(trace.tape, trace.drive, input.constant, trace.output, threshold,
                        trace.grad_output, detach_reset, trace.grad_drive);
  std::span<const Real> error = trace.grad_drive;
  if (input.constant) {
    sum_over_time(error, input.steps, trace.scratch);
    error = trace.scratch;
  }
  rule_->accumulate({.rows = input.rows(),
                     .inputs = inputs_,
                     .outputs = outputs(),
                     .presynaptic = input.values,
                     .error = error},
                    grad_parameters.first(weight_count()), grad_parameters.subspan(weight_count()));
  if (!grad_input.empty()) {
    transport_->transport(input.rows(), parameters.first(weight_count()), error, grad_input);
  }
}

template class Dense<float>;
template class Dense<double>;

namespace {

template <class Real>
std::unique_ptr<Layer<Real>> make_dense(const LayerDescription& description, std::size_t inputs,
                                        double step) {
  return std::make_unique<Dense<Real>>(description, inputs, step);
}

[[maybe_unused]] const LayerKind& registered = layer_kinds().add(
    "dense", {"dense", "every input to every neuron, with a bias", parameters_of<DenseParameters>(),
              make_dense<float>, make_dense<double>});

}  // namespace
}  // namespace ranvier
