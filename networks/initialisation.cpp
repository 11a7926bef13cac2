#include "networks/initialisation.hpp"

#include <cmath>

namespace ranvier {
namespace {

bool is_xavier(Initialisation rule) {
  return rule == Initialisation::xavier_uniform || rule == Initialisation::xavier_normal;
}

bool is_normal(Initialisation rule) {
  return rule == Initialisation::kaiming_normal || rule == Initialisation::xavier_normal;
}

/// A uniform number in (-sqrt(3), sqrt(3)) has standard deviation one.
double unit_deviation_uniform(Draws draws) {
  return std::sqrt(3.0) * (2.0 * draws.uniform() - 1.0);
}

}  // namespace

double initial_deviation(Initialisation rule, double gain, std::size_t fan_in,
                         std::size_t fan_out) {
  const double fan =
      is_xavier(rule) ? 0.5 * static_cast<double>(fan_in + fan_out) : static_cast<double>(fan_in);
  return gain / std::sqrt(fan);
}

template <class Real>
void initialise(Initialisation rule, double gain, std::size_t fan_in, std::size_t fan_out,
                const RandomStream& stream, std::span<Real> weights) {
  const double deviation = initial_deviation(rule, gain, fan_in, fan_out);
  for (std::size_t i = 0; i < fan_out; ++i) {
    for (std::size_t j = 0; j < fan_in; ++j) {
      auto draws = stream.at(static_cast<std::uint32_t>(i), j);
      const double x = is_normal(rule) ? draws.normal() : unit_deviation_uniform(draws);
      weights[i * fan_in + j] = static_cast<Real>(deviation * x);
    }
  }
}

template void initialise(Initialisation, double, std::size_t, std::size_t, const RandomStream&,
                         std::span<float>);
template void initialise(Initialisation, double, std::size_t, std::size_t, const RandomStream&,
                         std::span<double>);

}  // namespace ranvier
