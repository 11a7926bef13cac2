#pragma once

/// What all synaptic stages share: how their weights begin, and by which matrix errors return.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/parameter.hpp"
#include "networks/initialisation.hpp"
#include "networks/stages/stage.hpp"
#include "plasticity/error_transport.hpp"
#include "plasticity/weight_rule.hpp"

namespace ranvier {

struct SynapseParameters {
  int initialisation = static_cast<int>(Initialisation::kaiming_uniform);
  double gain = 1.0;
  bool bias = true;
};

template <class P>
std::vector<Field<P>> synapse_fields() {
  return {
      choice<P>("initialisation", &P::initialisation,
                {"kaiming_uniform", "kaiming_normal", "xavier_uniform", "xavier_normal"},
                "distribution of the initial weights"),
      real<P>("gain", &P::gain, "", positive,
              "standard deviation of the initial weights times the square root of the fan"),
      boolean<P>("bias", &P::bias, "whether each neuron, or each filter, has a trainable bias"),
  };
}

/// How a stage of synapses learns.
struct SynapseLearning {
  std::string weight_rule = "backpropagation";
  std::string error_transport = "transpose";
};

/// Weights [outputs][inputs] and, unless without, biases [outputs].
template <class Real>
class SynapticWeights {
 public:
  /// Throws UnknownName for a rule or transport nobody knows.
  SynapticWeights(const SynapseParameters& parameters, const SynapseLearning& learning,
                  std::size_t outputs, std::size_t inputs);

  std::size_t weight_count() const { return outputs_ * inputs_; }
  bool has_bias() const { return parameters_.bias; }
  std::span<const Real> weights(std::span<const Real> trained) const;
  std::span<const Real> bias(std::span<const Real> trained) const;
  std::span<Real> grad_weights(std::span<Real> grad) const;
  std::span<Real> grad_bias(std::span<Real> grad) const;

  /// `weight_shape` is how users see the weights.
  std::vector<Tensor> tensors(std::vector<std::size_t> weight_shape) const;
  /// The matrix that errors return by, where that is one of its own.
  std::vector<Tensor> statistics(std::vector<std::size_t> weight_shape) const;
  void initialise(std::uint64_t seed, std::uint32_t index, std::span<Real> trained,
                  std::span<Real> statistics) const;

  const WeightRule<Real>& rule() const { return *rule_; }
  /// The matrix [outputs][inputs] by which errors return; `scratch` gives it room.
  std::span<const Real> feedback(const StageNumbers<Real>& numbers,
                                 std::vector<Real>& scratch) const;

 private:
  SynapseParameters parameters_;
  std::size_t outputs_, inputs_;
  std::unique_ptr<WeightRule<Real>> rule_;
  std::unique_ptr<ErrorTransport<Real>> transport_;
};

}  // namespace ranvier
