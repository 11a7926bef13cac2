#pragma once

/// The next threshold crossing of a state left alone, for models whose crossing has no closed form.
///
/// An interval is skipped when the model's bounds say that the excess stays negative in it, solved
/// when they say that it only rises, and halved otherwise. No crossing is missed: every skipped
/// interval has a bound that proves it.

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/neuron_model.hpp"

namespace ranvier {

inline constexpr double never = std::numeric_limits<double>::infinity();

/// Excess of the state after it has flowed for dt.
template <class M>
double excess_after(const typename M::Parameters& p, typename M::template State<double> state,
                    double dt) {
  const typename M::template Law<double> law(p, dt);
  if (dt > 0.0) law.flow(state);
  return law.excess(state);
}

template <class M>
typename M::template State<double> flowed(const typename M::Parameters& p,
                                          typename M::template State<double> state, double dt) {
  if (dt > 0.0) typename M::template Law<double>(p, dt).flow(state);
  return state;
}

/// Zero of a rising excess in (low, high], excess(low) < 0 <= excess(high): regula falsi with the
/// Illinois change, to the last digits. Returns the upper end, where the excess is >= 0.
template <class M>
double rising_crossing(const typename M::Parameters& p,
                       const typename M::template State<double>& state, double low, double high) {
  double at_low = excess_after<M>(p, state, low);
  double at_high = excess_after<M>(p, state, high);
  int side = 0;
  while (high - low > 4.0 * std::numeric_limits<double>::epsilon() * high) {
    double middle = (low * at_high - high * at_low) / (at_high - at_low);
    if (!(middle > low && middle < high)) middle = 0.5 * (low + high);
    const double width = high - low;
    const double at_middle = excess_after<M>(p, state, middle);
    if (at_middle >= 0.0) {
      high = middle;
      at_high = at_middle;
      if (side == 1) at_low *= 0.5;
      side = 1;
    } else {
      low = middle;
      at_low = at_middle;
      if (side == -1) at_high *= 0.5;
      side = -1;
    }
    if (at_high == 0.0) break;
    if (high - low > 0.5 * width && high - low < 1e-9) {  // secant stalls at rounding: bisect
      const double half = 0.5 * (low + high);
      if (half <= low || half >= high) break;
      const double at_half = excess_after<M>(p, state, half);
      (at_half >= 0.0 ? high : low) = half;
      (at_half >= 0.0 ? at_high : at_low) = at_half;
    }
  }
  return high;
}

/// First crossing in (begin, begin + width], or `never`. `start` is the state at `begin`, `origin`
/// the one at time zero.
template <class M>
double crossing_within(const typename M::Parameters& p,
                       const typename M::template State<double>& origin,
                       const typename M::template State<double>& start, double begin,
                       double width) {
  const auto bounds = M::bounds(p, start, width);
  if (bounds.highest_excess < 0.0) return never;
  const double end = begin + width;
  if (bounds.lowest_slope >= 0.0) {
    return excess_after<M>(p, origin, end) >= 0.0 ? rising_crossing<M>(p, origin, begin, end)
                                                  : never;
  }
  // A touch narrower than the resolution of time itself decides at its end.
  if (width < 1e-12) return excess_after<M>(p, origin, end) >= 0.0 ? end : never;
  const double half = 0.5 * width;
  const auto middle = flowed<M>(p, origin, begin + half);
  if (typename M::template Law<double>(p, half).excess(middle) >= 0.0) {
    return crossing_within<M>(p, origin, start, begin, half);
  }
  const double first = crossing_within<M>(p, origin, start, begin, half);
  return first < never ? first : crossing_within<M>(p, origin, middle, begin + half, half);
}

/// Time until the excess of a free-running state, which is `excess` now, first reaches zero; 0 where
/// it is there already, `never` where it stays below for ever.
template <class M>
double next_crossing(const typename M::Parameters& p,
                     const typename M::template State<double>& state, double excess) {
  if constexpr (FiresOnlyOnArrival<M>) {
    return never;
  } else if constexpr (HasClosedCrossing<M>) {
    return M::next_crossing(p, state);
  } else {
    if (excess >= 0.0) return 0.0;
    // Windows grow, so that a neuron which relaxes to rest is done with in a few bounds. A crossing
    // beyond the longest window would be an asymptote that touches the threshold.
    constexpr double first_window = 1.0;  // ms
    constexpr double horizon = 1e6;       // ms
    double begin = 0.0;
    for (double width = first_window; begin < horizon; width *= 2.0) {
      const auto start = flowed<M>(p, state, begin);
      if (M::bounds(p, start, horizon).highest_excess < 0.0) return never;
      const double crossing = crossing_within<M>(p, state, start, begin, width);
      if (crossing < never) return crossing;
      begin += width;
    }
    return never;
  }
}

template <class M>
double next_crossing(const typename M::Parameters& p,
                     const typename M::template State<double>& state) {
  return next_crossing<M>(p, state, excess_after<M>(p, state, 0.0));
}

}  // namespace ranvier
