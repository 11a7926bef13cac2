#pragma once

/// All-to-all synapses: output = W input + b, with weights [outputs][inputs].

#include "networks/stages/synapses.hpp"

namespace ranvier {

struct DenseParameters : SynapseParameters {
  static std::vector<Field<DenseParameters>> fields() { return synapse_fields<DenseParameters>(); }
};

template <class Real>
class DenseStage final : public PooledSynapses<Real> {
 public:
  DenseStage(const DenseParameters& parameters, const SynapseLearning& learning,
             std::size_t outputs, std::size_t inputs)
      : outputs_(outputs), inputs_(inputs), weights_(parameters, learning, outputs, inputs) {}

  Shape shape() const override { return {.channels = outputs_}; }
  std::size_t inputs() const override { return inputs_; }
  std::size_t outputs() const override { return outputs_; }
  std::vector<Tensor> tensors() const override { return weights_.tensors({outputs_, inputs_}); }
  std::vector<Tensor> statistics() const override {
    return weights_.statistics({outputs_, inputs_});
  }
  void initialise(std::uint64_t seed, std::uint32_t index, std::span<Real> trained,
                  std::span<Real> statistics) const override {
    weights_.initialise(seed, index, trained, statistics);
  }
  void forward(const StagePass<Real>& pass, std::span<Real> output) const override;
  void backward(const StagePass<Real>& pass, const StageGradients<Real>& gradients) const override;
  void accumulate(const SynapticActivity<Real>& activity, std::size_t first,
                  std::span<Real> grad_trained) const override;
  std::optional<LinearMap> linear(const StageNumbers<Real>& numbers) const override;

 private:
  std::size_t outputs_, inputs_;
  SynapticWeights<Real> weights_;
};

}  // namespace ranvier
