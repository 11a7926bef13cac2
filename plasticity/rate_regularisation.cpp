#include "plasticity/rate_regularisation.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/error.hpp"

namespace ranvier {
namespace {

/// Signed distance of a rate to the interval of allowed rates: zero inside.
double beyond(const RateRegularisation& penalty, double rate) {
  return std::max(0.0, rate - penalty.upper) - std::max(0.0, penalty.lower - rate);
}

}  // namespace

std::vector<Field<RateRegularisation>> RateRegularisation::fields() {
  using P = RateRegularisation;
  return {
      real("strength", &P::strength, "", non_negative,
           "weight of the penalty in the loss; 0 switches it off"),
      real("lower", &P::lower, "", unit_interval, "lowest rate without penalty, spikes per step"),
      real("upper", &P::upper, "", unit_interval, "highest rate without penalty, spikes per step"),
      boolean("per_neuron", &P::per_neuron,
              "bound the rate of each neuron instead of the population's mean"),
  };
}

void RateRegularisation::validate(std::string_view where) const {
  if (lower > upper) {
    throw InvalidValue(
        fmt::format("lower of {} is {}; expected at most upper, which is {}", where, lower, upper));
  }
}

template <class Real>
double add_rate_penalty(const RateRegularisation& penalty, std::size_t steps, std::size_t samples,
                        std::span<const Real> spikes, double weight, std::span<Real> grad_output) {
  if (penalty.strength == 0.0 || spikes.empty()) return 0.0;
  const std::size_t row = spikes.size() / steps;
  std::vector<double> rates(row);
  for (std::size_t t = 0; t < steps; ++t) {
    for (std::size_t i = 0; i < row; ++i) rates[i] += static_cast<double>(spikes[t * row + i]);
  }
  // Neurons whose rates are taken together.
  const std::size_t neurons = row / samples;
  const std::size_t group = penalty.per_neuron ? 1 : neurons;
  const auto groups = static_cast<double>(penalty.per_neuron ? neurons : 1);
  const double summands = static_cast<double>(steps * group);
  double sum = 0.0;
  for (std::size_t first = 0; first < row; first += group) {
    double rate = 0.0;
    for (std::size_t i = first; i < first + group; ++i) rate += rates[i];
    const double distance = beyond(penalty, rate / summands);
    sum += distance * distance / groups;
    const double gradient = penalty.strength * 2.0 * distance / groups / summands;
    for (std::size_t i = first; i < first + group; ++i) rates[i] = weight * gradient;
  }
  if (!grad_output.empty()) {
    for (std::size_t t = 0; t < steps; ++t) {
      for (std::size_t i = 0; i < row; ++i) {
        grad_output[t * row + i] += static_cast<Real>(rates[i]);
      }
    }
  }
  return penalty.strength * sum;
}

template double add_rate_penalty(const RateRegularisation&, std::size_t, std::size_t,
                                 std::span<const float>, double, std::span<float>);
template double add_rate_penalty(const RateRegularisation&, std::size_t, std::size_t,
                                 std::span<const double>, double, std::span<double>);

}  // namespace ranvier
