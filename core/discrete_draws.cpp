#include "core/discrete_draws.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/lane_math.hpp"

namespace ranvier {
namespace {

/// What Stirling's formula leaves of ln k!:  ln k! = (k + 1/2) ln(k + 1) - (k + 1) + ln(2 pi)/2 + rest.
double stirling_rest(double k) {
  constexpr std::size_t exact = 16;  // beyond it the series is good to 2e-12
  static const auto small = [] {
    std::array<double, exact> rest{};
    constexpr double half_log_two_pi = 0.91893853320467274178;
    double factorial = 1.0;
    for (std::size_t i = 0; i < exact; ++i) {
      const auto x = static_cast<double>(i);
      if (i > 0) factorial *= x;
      rest[i] = lane_log(factorial) - ((x + 0.5) * lane_log(x + 1.0) - (x + 1.0) + half_log_two_pi);
    }
    return rest;
  }();
  if (k < static_cast<double>(exact)) return small[static_cast<std::size_t>(k)];
  const double z = k + 1.0;
  return (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / 1260.0 / (z * z)) / (z * z)) / z;
}

/// ln (from! / to!), accurate where both are large and near each other.
double log_factorial_ratio(double from, double to) {
  const double d = to - from;
  return -(from + 0.5) * std::log1p(d / (from + 1.0)) - d * lane_log(to + 1.0) + d +
         stirling_rest(from) - stirling_rest(to);
}

/// Of a unimodal distribution on 0 .. largest.
struct Shape {
  double mean, variance, largest;
};

/// Ratio of uniforms under a table mountain. `log_ratio(k)` is ln p(k) - ln p(mode).
template <class LogRatio>
double by_ratio_of_uniforms(Draws& draws, const Shape& shape, const LogRatio& log_ratio) {
  constexpr double two_root_two_over_e = 1.7155277699214135;
  constexpr double three_minus_two_root_three_over_e = 0.8989161620588988;
  const double centre = shape.mean + 0.5;
  const double deviation = std::sqrt(shape.variance + 0.5);
  const double width = two_root_two_over_e * deviation + three_minus_two_root_three_over_e;
  // What lies beyond 16 deviations has a probability below 1e-30.
  const double last = std::min(shape.largest, std::floor(centre + 16.0 * deviation));
  for (;;) {
    const double u = draws.uniform();
    const double x = centre + width * (draws.uniform() - 0.5) / u;
    if (x < 0.0 || x >= last + 1.0) continue;
    const double k = std::floor(x);
    if (2.0 * lane_log(u) <= log_ratio(k)) return k;
  }
}

/// Inversion by sequential search from 0. `step(k)` is p(k + 1) / p(k).
template <class Step>
double by_search(Draws& draws, double p, double largest, const Step& step) {
  double remaining = draws.uniform();
  double k = 0.0;
  while (remaining > p && k < largest) {
    remaining -= p;
    p *= step(k);
    k += 1.0;
  }
  return k;
}

constexpr double searched_mean = 10.0;

/// For p <= 1/2.
double binomial(Draws& draws, double n, double p) {
  const double odds = p / (1.0 - p);
  if (n * p < searched_mean) {
    return by_search(draws, lane_exp(n * std::log1p(-p)), n,
                     [&](double k) { return odds * (n - k) / (k + 1.0); });
  }
  const double mode = std::floor((n + 1.0) * p);
  const double log_odds = lane_log(odds);
  return by_ratio_of_uniforms(draws, {.mean = n * p, .variance = n * p * (1.0 - p), .largest = n},
                              [&](double k) {
                                return log_factorial_ratio(mode, k) +
                                       log_factorial_ratio(n - mode, n - k) + (k - mode) * log_odds;
                              });
}

/// For marked and drawn of at most half of the total, each.
double hypergeometric(Draws& draws, double total, double marked, double drawn) {
  const double plain = total - marked;
  const double p = marked / total;
  const double mean = drawn * p;
  const double largest = std::min(marked, drawn);
  if (mean < searched_mean) {
    const double none = lane_exp(log_factorial_ratio(plain, plain - drawn) +
                                 log_factorial_ratio(total - drawn, total));
    return by_search(draws, none, largest, [&](double k) {
      return (marked - k) * (drawn - k) / ((k + 1.0) * (plain - drawn + k + 1.0));
    });
  }
  const double mode = std::floor((drawn + 1.0) * (marked + 1.0) / (total + 2.0));
  const double variance = mean * (1.0 - p) * (total - drawn) / (total - 1.0);
  return by_ratio_of_uniforms(
      draws, {.mean = mean, .variance = variance, .largest = largest}, [&](double k) {
        return log_factorial_ratio(mode, k) + log_factorial_ratio(marked - mode, marked - k) +
               log_factorial_ratio(drawn - mode, drawn - k) +
               log_factorial_ratio(plain - drawn + mode, plain - drawn + k);
      });
}

}  // namespace

std::uint64_t draw_binomial(Draws& draws, std::uint64_t n, double p) {
  if (p > 0.5) return n - draw_binomial(draws, n, 1.0 - p);
  if (n == 0 || p <= 0.0) return 0;
  return static_cast<std::uint64_t>(binomial(draws, static_cast<double>(n), p));
}

std::uint64_t draw_hypergeometric(Draws& draws, std::uint64_t total, std::uint64_t marked,
                                  std::uint64_t drawn) {
  if (marked == 0 || drawn == 0) return 0;
  if (marked > total - marked) {
    return drawn - draw_hypergeometric(draws, total, total - marked, drawn);
  }
  if (drawn > total - drawn) {
    return marked - draw_hypergeometric(draws, total, marked, total - drawn);
  }
  return static_cast<std::uint64_t>(hypergeometric(
      draws, static_cast<double>(total), static_cast<double>(marked), static_cast<double>(drawn)));
}

}  // namespace ranvier
