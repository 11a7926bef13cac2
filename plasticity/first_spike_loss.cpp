#include "plasticity/first_spike_loss.hpp"

#include <algorithm>
#include <cmath>

namespace ranvier {

std::vector<Field<FirstSpikeLoss>> FirstSpikeLoss::fields() {
  return {
      real("tau", &FirstSpikeLoss::tau, "ms", positive,
           "lead of the right neuron at which the loss has fallen by a factor of e"),
      real("alpha", &FirstSpikeLoss::alpha, "", non_negative,
           "weight of the pull of the right neuron's spike towards early times"),
      real("tau_early", &FirstSpikeLoss::tau_early, "ms", positive,
           "time over which that pull grows by a factor of e"),
  };
}

double FirstSpikeLoss::evaluate(std::span<const double> first, std::size_t label, double silent,
                                std::span<double> slopes) const {
  const auto time = [&](std::size_t n) { return std::isfinite(first[n]) ? first[n] : silent; };
  double earliest = time(0);
  for (std::size_t n = 1; n < first.size(); ++n) earliest = std::min(earliest, time(n));
  double sum = 0.0;
  for (std::size_t n = 0; n < first.size(); ++n) {
    slopes[n] = std::exp((earliest - time(n)) / tau);
    sum += slopes[n];
  }
  const double pull = alpha * std::exp(time(label) / tau_early);
  for (std::size_t n = 0; n < first.size(); ++n) {
    const double probability = slopes[n] / sum;
    slopes[n] = n == label ? (1.0 - probability) / tau + pull / tau_early : -probability / tau;
    if (!std::isfinite(first[n])) slopes[n] = 0.0;
  }
  return std::log(sum) + (time(label) - earliest) / tau + pull - alpha;
}

std::optional<std::size_t> first_to_spike(std::span<const double> first) {
  const auto earliest = std::ranges::min_element(first);
  if (earliest == first.end() || !std::isfinite(*earliest)) return std::nullopt;
  return static_cast<std::size_t>(earliest - first.begin());
}

}  // namespace ranvier
