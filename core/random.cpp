#include "core/random.hpp"

#include <cmath>
#include <numbers>

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

double Draws::normal() {
  const double radius = std::sqrt(-2.0 * std::log(uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

double Draws::exponential() { return -std::log(uniform()); }

std::uint64_t Draws::poisson(double mean) {
  if (mean <= 0.0) return 0;
  return mean < 10.0 ? poisson_by_inversion(*this, mean) : poisson_by_rejection(*this, mean);
}

std::uint32_t Draws::below(std::uint32_t n) {
  const std::uint64_t product = static_cast<std::uint64_t>(bits()) * n;
  auto low = static_cast<std::uint32_t>(product);
  if (low >= n) return static_cast<std::uint32_t>(product >> 32);
  // Lemire 2019, ACM TOMACS 29:3: reject the few values that would make some outcomes likelier.
  const std::uint32_t unfair = (0u - n) % n;
  std::uint64_t retry = product;
  while (low < unfair) {
    retry = static_cast<std::uint64_t>(bits()) * n;
    low = static_cast<std::uint32_t>(retry);
  }
  return static_cast<std::uint32_t>(retry >> 32);
}

}  // namespace ranvier
