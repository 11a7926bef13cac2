#include "networks/stages/spike_representation.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"

namespace ranvier {
namespace {

/// All neurons fire, or none.
template <class Real>
struct Forced final : SpikeFunction<Real> {
  explicit Forced(bool all_fire) : all(all_fire) {}
  void spikes(std::span<const Real> /*excess*/, std::span<Real> spikes) const override {
    std::ranges::fill(spikes, all ? Real(1) : Real(0));
  }
  void slopes(std::span<const Real> /*excess*/, std::span<Real> slopes) const override {
    std::ranges::fill(slopes, Real(0));
  }
  bool all;
};

/// The membranes after one step from 0 with the same drive for all.
template <class Real>
std::vector<Real> membranes(const GradientDynamics<Real>& dynamics, double drive, bool fires) {
  const std::vector<Real> values(dynamics.size(), static_cast<Real>(drive));
  std::vector<Real> output(dynamics.size());
  auto state = dynamics.start(1);
  std::ranges::fill(state.variables, Real(0));
  Tape<Real> tape;
  dynamics.reserve(1, 1, tape);
  dynamics.forward({.values = values, .steps = 1, .samples = 1, .constant = false},
                   Forced<Real>(fires), state, output, tape);
  return state.variables;
}

template <class Real>
double common(const std::vector<Real>& values, const std::string& where) {
  if (std::ranges::all_of(values, [&](Real x) { return x == values.front(); })) {
    return static_cast<double>(values.front());
  }
  throw Unsupported(fmt::format(
      "{}: the credit rule 'dsr' needs neurons of equal parameters; expected none of its own for a "
      "neuron",
      where));
}

/// Sum over time of `weights[t] values[t]`, [T][R] or [1][R], into [R].
template <class Real>
std::vector<Real> weighted_mean(std::span<const Real> values, std::size_t row,
                                const std::vector<Real>& weights) {
  std::vector<Real> mean(row, Real(0));
  const bool constant = values.size() == row;
  for (std::size_t t = 0; t < weights.size(); ++t) {
    const Real* from = values.data() + (constant ? 0 : t * row);
    for (std::size_t i = 0; i < row; ++i) mean[i] += weights[t] * from[i];
  }
  return mean;
}

}  // namespace

template <class Real>
SpikeRepresentation<Real>::SpikeRepresentation(const GradientDynamics<Real>& dynamics, double leak,
                                               const std::string& where)
    : leak_(leak) {
  if (dynamics.variables() != 1) {
    throw Unsupported(fmt::format(
        "{}: the credit rule 'dsr' knows neurons with a membrane alone; expected a model such as "
        "'lif' or 'integrate_and_fire'",
        where));
  }
  const double at_zero = common(membranes(dynamics, 0.0, false), where);
  const double at_one = common(membranes(dynamics, 1.0, false), where);
  threshold_ = at_zero - common(membranes(dynamics, 0.0, true), where);
  offset_ = at_zero;
  gain_ = at_one - at_zero;
  // A reset to a value takes off more the higher the membrane; rounding is all that may differ.
  const double taken_off = at_one - common(membranes(dynamics, 1.0, true), where);
  if (std::abs(taken_off - threshold_) > 1e-5 * (std::abs(at_one) + std::abs(threshold_)) ||
      !(threshold_ > 0.0)) {
    throw Unsupported(fmt::format(
        "{}: the credit rule 'dsr' needs a reset by subtraction; expected reset: soft", where));
  }
}

template <class Real>
void SpikeRepresentation<Real>::backward(const Drive<Real>& drive,
                                         std::span<const Real> grad_output,
                                         std::span<Real> grad_drive) const {
  std::vector<Real> weights(drive.steps);
  double sum = 0.0;
  for (std::size_t t = 0; t < drive.steps; ++t) {
    const double weight = std::pow(leak_, static_cast<double>(drive.steps - 1 - t));
    weights[t] = static_cast<Real>(weight);
    sum += weight;
  }
  for (Real& weight : weights) weight /= static_cast<Real>(sum);
  const std::size_t row = grad_output.size() / drive.steps;
  const auto input = weighted_mean(drive.values, row, weights);
  auto error = weighted_mean(grad_output, row, weights);
  const auto slope = static_cast<Real>(gain_ / threshold_);
  for (std::size_t i = 0; i < row; ++i) {
    const double level = gain_ * static_cast<double>(input[i]) + offset_;
    error[i] *= level > 0.0 && level < threshold_ ? slope : Real(0);
  }
  for (std::size_t t = 0; t < drive.steps; ++t) {
    std::ranges::copy(error, grad_drive.begin() + static_cast<std::ptrdiff_t>(t * row));
  }
}

template class SpikeRepresentation<float>;
template class SpikeRepresentation<double>;

}  // namespace ranvier
