#pragma once

/// A fully connected layer: weights [out][in], a bias per neuron and a population of one model.
///
///     drive[t] = W input[t] + b,   output = population(drive)
///
/// The bias arrives at every step. A step's output depends on the same step's input: layers have no
/// delay between them.

#include <memory>

#include "networks/initialisation.hpp"
#include "networks/layers/layer.hpp"
#include "plasticity/error_transport.hpp"
#include "plasticity/weight_rule.hpp"

namespace ranvier {

struct DenseParameters {
  int initialisation = static_cast<int>(Initialisation::kaiming_uniform);
  double gain = 1.0;
  bool bias = true;

  static std::vector<Field<DenseParameters>> fields();
};

template <class Real>
class Dense final : public Layer<Real> {
 public:
  /// Throws UnknownName (model, rule), InvalidValue (parameter values) or Unsupported (a model without
  /// a gradient), naming the layer.
  Dense(const LayerDescription& description, std::size_t inputs, double step);

  std::size_t inputs() const override { return inputs_; }
  std::size_t outputs() const override { return population_->size(); }
  bool spiking() const override { return spiking_; }
  std::vector<Tensor> tensors() const override;

  void initialise(std::uint64_t seed, std::uint32_t index,
                  std::span<Real> parameters) const override;
  void forward(std::span<const Real> parameters, const Activity<Real>& input,
               const SpikeFunction<Real>& threshold, LayerTrace<Real>& trace) const override;
  void backward(std::span<const Real> parameters, const Activity<Real>& input,
                const SpikeFunction<Real>& threshold, bool detach_reset, LayerTrace<Real>& trace,
                std::span<Real> grad_parameters, std::span<Real> grad_input) const override;

 private:
  std::size_t weight_count() const { return inputs_ * outputs(); }

  DenseParameters parameters_;
  std::size_t inputs_;
  bool spiking_;
  std::unique_ptr<GradientDynamics<Real>> population_;
  std::unique_ptr<WeightRule<Real>> rule_;
  std::unique_ptr<ErrorTransport<Real>> transport_;
};

}  // namespace ranvier
