#include "networks/stages/batch_norm.hpp"

#include <algorithm>
#include <cmath>

namespace ranvier {
namespace {

/// Calls `visit(channel, values of it in one row)` for all rows, in order.
template <class Real, class Visit>
void for_channels(std::span<Real> values, const Shape& shape, const Visit& visit) {
  for (std::size_t begin = 0, plane = 0; begin < values.size(); begin += shape.area(), ++plane) {
    visit(plane % shape.channels, begin, values.subspan(begin, shape.area()));
  }
}

}  // namespace

std::vector<Field<BatchNormParameters>> BatchNormParameters::fields() {
  using P = BatchNormParameters;
  return {real("scale", &P::scale, "", positive, "gamma before training"),
          real("momentum", &P::momentum, "", unit_interval,
               "weight of a batch in the running averages"),
          real("epsilon", &P::epsilon, "", positive, "added to the variance")};
}

template <class Real>
std::vector<Tensor> BatchNormStage<Real>::tensors() const {
  return {{"norm_scale", {shape_.channels}, 0}, {"norm_shift", {shape_.channels}, shape_.channels}};
}

template <class Real>
std::vector<Tensor> BatchNormStage<Real>::statistics() const {
  return {{"norm_mean", {shape_.channels}, 0},
          {"norm_variance", {shape_.channels}, shape_.channels}};
}

template <class Real>
void BatchNormStage<Real>::initialise(std::uint64_t /*seed*/, std::uint32_t /*index*/,
                                      std::span<Real> trained, std::span<Real> statistics) const {
  std::ranges::fill(trained.first(shape_.channels), static_cast<Real>(parameters_.scale));
  std::ranges::fill(trained.subspan(shape_.channels), Real(0));
  std::ranges::fill(statistics.first(shape_.channels), Real(0));
  std::ranges::fill(statistics.subspan(shape_.channels), Real(1));
}

template <class Real>
typename BatchNormStage<Real>::Line BatchNormStage<Real>::line(const ChunkWindow& window,
                                                               const StageNumbers<Real>& numbers,
                                                               std::size_t c) const {
  const std::size_t C = shape_.channels;
  if (window.training()) return {numbers.batch[c], numbers.batch[C + c]};
  const auto variance = static_cast<double>(numbers.statistics[C + c]);
  return {static_cast<double>(numbers.statistics[c]),
          1.0 / std::sqrt(variance + parameters_.epsilon)};
}

template <class Real>
void BatchNormStage<Real>::forward(const StagePass<Real>& pass, std::span<Real> output) const {
  std::vector<Real> factor(shape_.channels), offset(shape_.channels);
  for (std::size_t c = 0; c < shape_.channels; ++c) {
    const auto at = line(pass.window, pass.numbers, c);
    const double gamma = static_cast<double>(pass.numbers.trained[c]) * at.inverse_deviation;
    factor[c] = static_cast<Real>(gamma);
    offset[c] = static_cast<Real>(static_cast<double>(pass.numbers.trained[shape_.channels + c]) -
                                  gamma * at.mean);
  }
  for_channels(pass.input.values, shape_, [&](std::size_t c, std::size_t begin, auto from) {
    const Real a = factor[c], b = offset[c];
    Real* to = output.data() + begin;
    for (std::size_t i = 0; i < from.size(); ++i) to[i] = a * from[i] + b;
  });
}

/// With g = dL/dy and the normalised input n: dL/dgamma = sum g n, dL/dbeta = sum g, and
/// dL/dx = gamma/deviation (g - mean of g - n mean of (g n)), the means over the batch. In evaluation
/// mean and deviation are constants, and the means drop out.
template <class Real>
void BatchNormStage<Real>::backward(const StagePass<Real>& pass,
                                    const StageGradients<Real>& gradients) const {
  const std::size_t C = shape_.channels;
  std::vector<double> own(2 * C);
  collect_back(pass.window, pass.numbers, pass.input, gradients.grad_output, own);
  for (std::size_t c = 0; c < C; ++c) {
    gradients.grad_trained[c] += static_cast<Real>(own[C + c]);
    gradients.grad_trained[C + c] += static_cast<Real>(own[c]);
  }
  if (gradients.grad_input.empty()) return;
  const double share =
      pass.window.training() ? 1.0 / static_cast<double>(pass.numbers.batch_count) : 0.0;
  const std::vector<double> none(2 * C);
  const std::span<const double> adjoint =
      pass.window.training() ? pass.numbers.batch_adjoint : std::span<const double>(none);
  for_channels(pass.input.values, shape_, [&](std::size_t c, std::size_t begin, auto from) {
    const auto at = line(pass.window, pass.numbers, c);
    const double gamma = static_cast<double>(pass.numbers.trained[c]) * at.inverse_deviation;
    // g, x and a constant, each with its factor.
    const double of_x = -gamma * share * adjoint[C + c] * at.inverse_deviation;
    const auto per_grad = static_cast<Real>(gamma), per_x = static_cast<Real>(of_x);
    const auto constant = static_cast<Real>(-gamma * share * adjoint[c] - of_x * at.mean);
    const Real* grad = gradients.grad_output.data() + begin;
    Real* to = gradients.grad_input.data() + begin;
    for (std::size_t i = 0; i < from.size(); ++i) {
      to[i] = per_grad * grad[i] + per_x * from[i] + constant;
    }
  });
}

template <class Real>
void BatchNormStage<Real>::collect(const Activity<Real>& input, std::span<double> sums) const {
  std::ranges::fill(sums, 0.0);
  for_channels(input.values, shape_, [&](std::size_t c, std::size_t, auto values) {
    double sum = 0.0, squares = 0.0;
    for (const Real x : values) {
      const auto value = static_cast<double>(x);
      sum += value;
      squares += value * value;
    }
    sums[c] += sum;
    sums[shape_.channels + c] += squares;
  });
}

/// Sums and sums of squares become means and inverse deviations.
template <class Real>
void BatchNormStage<Real>::settle(std::size_t count, std::span<double> sums) const {
  for (std::size_t c = 0; c < shape_.channels; ++c) {
    const double mean = sums[c] / static_cast<double>(count);
    const double variance =
        std::max(sums[shape_.channels + c] / static_cast<double>(count) - mean * mean, 0.0);
    sums[c] = mean;
    sums[shape_.channels + c] = 1.0 / std::sqrt(variance + parameters_.epsilon);
  }
}

/// Sums of g, then of g times the normalised input.
template <class Real>
void BatchNormStage<Real>::collect_back(const ChunkWindow& window,
                                        const StageNumbers<Real>& numbers,
                                        const Activity<Real>& input,
                                        std::span<const Real> grad_output,
                                        std::span<double> sums) const {
  const std::size_t C = shape_.channels;
  std::ranges::fill(sums, 0.0);
  for_channels(input.values, shape_, [&](std::size_t c, std::size_t begin, auto values) {
    const auto at = line(window, numbers, c);
    double plain = 0.0, weighted = 0.0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto g = static_cast<double>(grad_output[begin + i]);
      plain += g;
      weighted += g * (static_cast<double>(values[i]) - at.mean);
    }
    sums[c] += plain;
    sums[C + c] += weighted * at.inverse_deviation;
  });
}

template <class Real>
void BatchNormStage<Real>::update(std::span<const double> batch, std::size_t count,
                                  std::span<Real> statistics) const {
  const std::size_t C = shape_.channels;
  const double unbiased =
      count > 1 ? static_cast<double>(count) / static_cast<double>(count - 1) : 1.0;
  const auto move = [&](Real& average, double value) {
    average = static_cast<Real>((1.0 - parameters_.momentum) * static_cast<double>(average) +
                                parameters_.momentum * value);
  };
  for (std::size_t c = 0; c < C; ++c) {
    const double variance = 1.0 / (batch[C + c] * batch[C + c]) - parameters_.epsilon;
    move(statistics[c], batch[c]);
    move(statistics[C + c], variance * unbiased);
  }
}

template <class Real>
std::optional<LinearMap> BatchNormStage<Real>::linear(const StageNumbers<Real>& numbers) const {
  auto map = identity_map(shape_.size());
  for (std::size_t i = 0; i < shape_.size(); ++i) {
    const std::size_t c = i / shape_.area();
    const auto at = line({}, numbers, c);
    map.weight[i] = static_cast<double>(numbers.trained[c]) * at.inverse_deviation;
    map.bias[i] =
        static_cast<double>(numbers.trained[shape_.channels + c]) - map.weight[i] * at.mean;
  }
  return map;
}

template class BatchNormStage<float>;
template class BatchNormStage<double>;

}  // namespace ranvier
