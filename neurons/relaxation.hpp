#pragma once

/// Relaxation towards a constant target and decay towards zero: the two motions that every membrane
/// and every synapse here is made of.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

namespace ranvier {

/// 1 - exp(-x), exact for small x.
inline double one_minus_exp(double x) { return -std::expm1(-x); }

/// exp(-x), and 1 - exp(-x) exact for small x: what is left of a decay and what has gone.
struct Decayed {
  double left, gone;
};

/// For x >= 0, both to 4 ulp. Up to ln 2, where neurons of a busy network are found, by the series
///
///     1 - exp(-x) = x (1 - x/2! + x^2/3! - ...),
///
/// whose terms beyond the sixteenth are below 2^-54 there, summed by Estrin's scheme, whose products
/// do not wait for each other; above it by the library, whose difference then loses no digits.
inline Decayed decayed(double x) {
  constexpr double ln2 = 0x1.62e42fefa39efp-1;
  if (x > ln2) {
    const double left = std::exp(-x);
    return {left, 1.0 - left};
  }
  constexpr auto c = [] {  // (-1)^k / (k + 1)!
    std::array<double, 16> terms{};
    double term = 1.0;
    for (std::size_t k = 0; k < terms.size(); ++k) {
      terms[k] = term;
      term /= -static_cast<double>(k + 2);
    }
    return terms;
  }();
  const double x2 = x * x, x4 = x2 * x2, x8 = x4 * x4;
  const auto pair = [&](std::size_t k) { return c[k] + c[k + 1] * x; };
  const auto four = [&](std::size_t k) { return pair(k) + pair(k + 2) * x2; };
  const auto eight = [&](std::size_t k) { return four(k) + four(k + 4) * x4; };
  const double gone = x * (eight(0) + eight(8) * x8);
  return {1.0 - gone, gone};
}

/// A bound that also holds for a sum that was rounded on the way, whose terms have `magnitude`.
inline double rounded_up(double bound, double magnitude) { return bound + 1e-10 * magnitude; }

/// Time until V, relaxing towards `target` with `tau`, reaches V_th from below; 0 where it is there
/// already, infinity where the target does not lie above.
///
///     target + (V - target) exp(-t/tau) = V_th
inline double relaxation_crossing(double V, double target, double V_th, double tau) {
  if (V >= V_th) return 0.0;
  if (!(target > V_th)) return std::numeric_limits<double>::infinity();
  return tau * std::log1p((V_th - V) / (target - V_th));
}

/// exp(-dt/tau), and 0 at once where it would underflow: libraries take their slowest path there,
/// and bounds over a long horizon ask for it at every touch.
inline double decay(double dt, double tau) {
  constexpr double underflow = 746.0;
  return dt < underflow * tau ? std::exp(-dt / tau) : 0.0;
}

/// Lowest and highest value of x exp(-t/tau) for t in [0, dt].
inline std::pair<double, double> range_of_decay(double x, double tau, double dt) {
  return std::minmax({x, x * decay(dt, tau)});
}

/// Lowest and highest value of x exp(-t/tau_x) + y exp(-t/tau_y) for t in [0, dt]: at an end, or at
/// the one time at which the two slopes cancel.
inline std::pair<double, double> range_of_decays(double x, double tau_x, double y, double tau_y,
                                                 double dt) {
  const auto at = [&](double t) { return x * decay(t, tau_x) + y * decay(t, tau_y); };
  auto [low, high] = std::minmax({x + y, at(dt)});
  // Not a number where the slopes have the same sign: no comparison holds then.
  const double t = std::log(-(x * tau_y) / (y * tau_x)) / (1.0 / tau_x - 1.0 / tau_y);
  if (t > 0.0 && t < dt) {
    low = std::min(low, at(t));
    high = std::max(high, at(t));
  }
  return {low, high};
}

}  // namespace ranvier
