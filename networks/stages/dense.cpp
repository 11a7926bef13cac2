#include "networks/stages/dense.hpp"

#include "core/matrix.hpp"

namespace ranvier {

template <class Real>
void DenseStage<Real>::forward(const ChunkWindow& /*window*/, const StageNumbers<Real>& numbers,
                               const Activity<Real>& input,
                               const SpikeFunction<Real>& /*threshold*/,
                               StageRecord<Real>& /*record*/, std::span<Real> output) const {
  const auto rows = input.rows();
  auto sums = matrix_view(output, rows);
  sums.noalias() = matrix_view(input.values, rows) *
                   matrix_view(weights_.weights(numbers.trained), outputs_).transpose();
  if (weights_.has_bias()) {
    sums.rowwise() += matrix_view(weights_.bias(numbers.trained), 1).row(0);
  }
}

template <class Real>
void DenseStage<Real>::backward(const ChunkWindow& /*window*/, const StageNumbers<Real>& numbers,
                                const Activity<Real>& input,
                                const SpikeFunction<Real>& /*threshold*/, const Credit& /*credit*/,
                                StageRecord<Real>& record, std::span<const Real> /*output*/,
                                const StageGradients<Real>& gradients) const {
  const auto rows = input.rows();
  weights_.rule().accumulate({.rows = rows,
                              .inputs = inputs_,
                              .outputs = outputs_,
                              .presynaptic = input.values,
                              .error = gradients.grad_output},
                             weights_.grad_weights(gradients.grad_trained),
                             weights_.grad_bias(gradients.grad_trained));
  if (gradients.grad_input.empty()) return;
  const auto feedback = weights_.feedback(numbers, record.scratch);
  matrix_view(gradients.grad_input, rows).noalias() =
      matrix_view(gradients.grad_output, rows) * matrix_view(feedback, outputs_);
}

template <class Real>
std::optional<LinearMap> DenseStage<Real>::linear(const StageNumbers<Real>& numbers) const {
  const auto weights = weights_.weights(numbers.trained);
  const auto bias = weights_.bias(numbers.trained);
  LinearMap map;
  map.inputs = inputs_;
  for (std::size_t i = 0; i < outputs_; ++i) {
    for (std::size_t j = 0; j < inputs_; ++j) {
      map.source.push_back(static_cast<std::uint32_t>(j));
      map.weight.push_back(static_cast<double>(weights[i * inputs_ + j]));
    }
    map.end_row(bias.empty() ? 0.0 : static_cast<double>(bias[i]));
  }
  return map;
}

template class DenseStage<float>;
template class DenseStage<double>;

}  // namespace ranvier
