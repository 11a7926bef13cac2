#include "networks/stages/dense.hpp"

#include "core/matrix.hpp"

namespace ranvier {

template <class Real>
void DenseStage<Real>::forward(const StagePass<Real>& pass, std::span<Real> output) const {
  const auto rows = pass.input.rows();
  const auto weights = weights_.weights(pass.numbers.trained);
  auto sums = matrix_view(output, rows);
  if (pass.record.spikes.take(pass.input.values, rows)) {
    multiply(pass.record.spikes, weights, outputs_, output, pass.record.scratch);
  } else {
    sums.noalias() =
        matrix_view(pass.input.values, rows) * matrix_view(weights, outputs_).transpose();
  }
  if (weights_.has_bias()) {
    sums.rowwise() += matrix_view(weights_.bias(pass.numbers.trained), 1).row(0);
  }
}

/// The spikes met on the way forward, unless a trace has taken the place of the input since.
template <class Real>
const SpikeRows* spikes_of(const StagePass<Real>& pass) {
  return pass.record.spikes.empty() || pass.traced ? nullptr : &pass.record.spikes;
}

template <class Real>
void DenseStage<Real>::backward(const StagePass<Real>& pass,
                                const StageGradients<Real>& gradients) const {
  const auto rows = pass.input.rows();
  if (!gradients.grad_trained.empty()) {
    accumulate({.rows = rows,
                .inputs = inputs_,
                .outputs = outputs_,
                .presynaptic = pass.input.values,
                .error = gradients.grad_output,
                .spikes = spikes_of(pass)},
               0, gradients.grad_trained);
  }
  if (gradients.grad_input.empty()) return;
  const auto feedback = weights_.feedback(pass.numbers, pass.record.scratch);
  matrix_view(gradients.grad_input, rows).noalias() =
      matrix_view(gradients.grad_output, rows) * matrix_view(feedback, outputs_);
}

template <class Real>
void DenseStage<Real>::accumulate(const SynapticActivity<Real>& activity, std::size_t first,
                                  std::span<Real> grad_trained) const {
  const auto bias = weights_.grad_bias(grad_trained);
  weights_.rule().accumulate(
      activity,
      weights_.grad_weights(grad_trained).subspan(first * inputs_, activity.outputs * inputs_),
      bias.empty() ? bias : bias.subspan(first, activity.outputs));
}

template <class Real>
std::optional<LinearMap> DenseStage<Real>::linear(const StageNumbers<Real>& numbers) const {
  return dense_map(inputs_, weights_.weights(numbers.trained), weights_.bias(numbers.trained));
}

template class DenseStage<float>;
template class DenseStage<double>;

}  // namespace ranvier
