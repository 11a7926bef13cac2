#pragma once

/// Neurons of one model as a stage: what arrives is added at every step, what leaves is spikes, or
/// the membrane potential of a model without a threshold.
///
/// With `recurrent` the output of a step, weighted, arrives with the input of the next:
///
///     drive[t] = input[t] + R output[t-1],    output[-1] = 0
///
/// Trained parameters of the model, such as the leak's tau_m or the threshold V_th, are held as
/// their logarithms, so that they stay positive: tensors "log_tau_m", "log_V_th", of one number for
/// all neurons or one for each.

#include <memory>
#include <string>
#include <vector>

#include "core/neuron_model.hpp"
#include "core/population.hpp"
#include "networks/stages/spike_representation.hpp"
#include "networks/stages/stage.hpp"

namespace ranvier {

struct PopulationDescription {
  std::string where;  ///< "layer 'hidden'", for messages
  std::string model;
  PopulationParameters parameters;
  std::vector<std::string> trained;  ///< of the model's trained_parameters
  bool trained_per_neuron = false;
  bool recurrent = false;
  double recurrent_gain = 1.0;  ///< deviation of the recurrent weights times the root of n
  bool by_rates = false;        ///< whether spikes are differentiated as their weighted mean
};

template <class Real>
class PopulationStage final : public Stage<Real> {
 public:
  /// Throws UnknownName (model, trained parameter), InvalidValue or Unsupported (no gradient).
  PopulationStage(PopulationDescription description, Shape shape, double step);

  Shape shape() const override { return shape_; }
  bool spiking() const override { return model_.spiking; }
  bool steady() const override { return false; }
  double leak() const override { return leak_; }
  /// The model's parameters with the trained ones at their present values.
  PopulationParameters parameters(std::span<const Real> trained) const;
  /// Synapses of the population onto itself, where it has them.
  std::optional<LinearMap> recurrent(std::span<const Real> trained) const;

  std::vector<Tensor> tensors() const override;
  void initialise(std::uint64_t seed, std::uint32_t index, std::span<Real> trained,
                  std::span<Real> statistics) const override;
  void begin(std::size_t samples, StageRecord<Real>& record) const override;
  void forward(const StagePass<Real>& pass, std::span<Real> output) const override;
  bool backward_in_place() const override { return !representation_; }
  void backward(const StagePass<Real>& pass, const StageGradients<Real>& gradients) const override;

 private:
  /// The recurrent weights lie after the logarithms of the trained parameters.
  std::size_t log_count() const;
  std::span<const Real> recurrent_weights(std::span<const Real> trained) const;
  /// The population with the trained parameters' present values, or the one made once and for all.
  const GradientDynamics<Real>& dynamics(std::span<const Real> trained,
                                         std::unique_ptr<GradientDynamics<Real>>& made) const;
  void add_trained(std::span<const double> sums, std::span<Real> grad_trained) const;

  PopulationDescription description_;
  Shape shape_;
  double step_;
  const NeuronModel& model_;
  std::unique_ptr<GradientDynamics<Real>> fixed_;
  double leak_;
  std::optional<SpikeRepresentation<Real>> representation_;
};

}  // namespace ranvier
