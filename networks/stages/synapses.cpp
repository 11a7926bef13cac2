#include "networks/stages/synapses.hpp"

#include <algorithm>

namespace ranvier {

template <class Real>
SynapticWeights<Real>::SynapticWeights(const SynapseParameters& parameters,
                                       const SynapseLearning& learning, std::size_t outputs,
                                       std::size_t inputs)
    : parameters_(parameters),
      outputs_(outputs),
      inputs_(inputs),
      rule_(weight_rules().at(learning.weight_rule).template make<Real>()),
      transport_(error_transports().at(learning.error_transport).template make<Real>()) {}

template <class Real>
std::span<const Real> SynapticWeights<Real>::weights(std::span<const Real> trained) const {
  return trained.first(weight_count());
}

template <class Real>
std::span<const Real> SynapticWeights<Real>::bias(std::span<const Real> trained) const {
  return trained.subspan(weight_count());
}

template <class Real>
std::span<Real> SynapticWeights<Real>::grad_weights(std::span<Real> grad) const {
  return grad.first(weight_count());
}

template <class Real>
std::span<Real> SynapticWeights<Real>::grad_bias(std::span<Real> grad) const {
  return grad.subspan(weight_count());
}

template <class Real>
std::vector<Tensor> SynapticWeights<Real>::tensors(std::vector<std::size_t> weight_shape) const {
  std::vector<Tensor> tensors{{"weight", std::move(weight_shape), 0}};
  if (has_bias()) tensors.push_back({"bias", {outputs_}, weight_count()});
  return tensors;
}

template <class Real>
std::vector<Tensor> SynapticWeights<Real>::statistics(std::vector<std::size_t> weight_shape) const {
  if (!transport_->has_matrix()) return {};
  return {{"feedback", std::move(weight_shape), 0}};
}

template <class Real>
void SynapticWeights<Real>::initialise(std::uint64_t seed, std::uint32_t index,
                                       std::span<Real> trained, std::span<Real> statistics) const {
  ranvier::initialise(static_cast<Initialisation>(parameters_.initialisation), parameters_.gain,
                      inputs_, outputs_, RandomStream(seed, Purpose::initial_weights, index),
                      trained.first(weight_count()));
  std::ranges::fill(trained.subspan(weight_count()), Real(0));
  if (transport_->has_matrix()) {
    transport_->draw(RandomStream(seed, Purpose::feedback, index), outputs_, inputs_, statistics);
  }
}

template <class Real>
std::span<const Real> SynapticWeights<Real>::feedback(const StageNumbers<Real>& numbers,
                                                      std::vector<Real>& scratch) const {
  return transport_->matrix(weights(numbers.trained), numbers.statistics, outputs_, scratch);
}

template class SynapticWeights<float>;
template class SynapticWeights<double>;

}  // namespace ranvier
