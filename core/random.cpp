#include "core/random.hpp"

#include <algorithm>
#include <cmath>

#include "core/lane_math.hpp"
#include "core/normal.hpp"

namespace ranvier {
namespace {

/// Inversion by sequential search: one uniform, about `mean` additions.
std::uint64_t poisson_by_inversion(Draws& draws, double mean) {
  double remaining = draws.uniform();
  double p = std::exp(-mean);
  std::uint64_t k = 0;
  while (remaining > p && p > 0.0) {
    remaining -= p;
    ++k;
    p *= mean / static_cast<double>(k);
  }
  return k;
}

/// Transformed rejection with squeeze (PTRS), Hoermann 1993, Insurance: Math. Econ. 12:39-45.
std::uint64_t poisson_by_rejection(Draws& draws, double mean) {
  const double log_mean = std::log(mean);
  const double b = 0.931 + 2.53 * std::sqrt(mean);
  const double a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
  const double v_r = 0.9277 - 3.6224 / (b - 2.0);
  for (;;) {
    const double u = draws.uniform() - 0.5;
    const double v = draws.uniform();
    const double us = 0.5 - std::abs(u);
    const double k = std::floor((2.0 * a / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= v_r) return static_cast<std::uint64_t>(k);
    if (k < 0.0 || (us < 0.013 && v > us)) continue;
    if (std::log(v) + std::log(inverse_alpha) - std::log(a / (us * us) + b) <=
        -mean + k * log_mean - std::lgamma(k + 1.0)) {
      return static_cast<std::uint64_t>(k);
    }
  }
}

}  // namespace

double Draws::normal() { return normal_quantile(uniform()); }

double Draws::exponential() { return -lane_log(uniform()); }

std::uint64_t Draws::poisson(double mean) {
  if (mean <= 0.0) return 0;
  return mean < 10.0 ? poisson_by_inversion(*this, mean) : poisson_by_rejection(*this, mean);
}

std::uint32_t Draws::below(std::uint32_t n) {
  const Below below(n);
  for (;;) {
    const auto word = bits();
    if (below.accepts(word)) return below(word);
  }
}

void RandomStream::uniforms(std::span<const std::uint64_t> keys, std::span<double> out) const {
  constexpr std::size_t lanes = 32;
  std::array<std::uint64_t, lanes> group{};
  for (std::size_t first = 0; first < keys.size(); first += lanes) {
    const auto count = std::min(lanes, keys.size() - first);
    std::copy_n(keys.begin() + static_cast<std::ptrdiff_t>(first), count, group.begin());
    const auto words = lanes_of<lanes>([&](std::uint32_t k) {
      return counter(static_cast<std::uint32_t>(group[k] >> 32), group[k] & 0xffffffffu);
    });
    std::array<double, lanes> uniform;
    for (std::size_t k = 0; k < lanes; ++k) uniform[k] = unit_interval_of(words[0][k], words[1][k]);
    std::copy_n(uniform.begin(), count, out.begin() + static_cast<std::ptrdiff_t>(first));
  }
}

void RandomStream::normals(std::span<const std::uint64_t> keys, std::span<double> out) const {
  uniforms(keys, out);
  normal_quantiles(out.first(keys.size()));
}

}  // namespace ranvier
