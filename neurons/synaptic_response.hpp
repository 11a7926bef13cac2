#pragma once

/// What a leaky membrane makes of a synaptic current: the off-diagonal entries of the exact
/// propagator of Rotter & Diesmann 1999, Biol. Cybern. 81:381-402, written so that equal and nearly
/// equal time constants lose no digits and long stretches do not overflow.

#include <algorithm>
#include <cmath>

#include "neurons/relaxation.hpp"

namespace ranvier {

/// (1/C) int_0^dt exp(-(dt-s)/tau_m) exp(-s/tau_syn) ds: the membrane after dt, in mV, of a current
/// that starts at 1 pA and decays with tau_syn.
///
/// The slower exponential is taken out of the integral; what is left decays.
inline double exponential_response(double tau_m, double tau_syn, double C_m, double dt) {
  const double rate = std::abs(1.0 / tau_syn - 1.0 / tau_m);
  const double x = rate * dt;
  const double integral = x < 1e-300 ? dt : decayed(x).gone / rate;
  return decayed(dt / std::max(tau_m, tau_syn)).left * integral / C_m;
}

/// The highest value of `exponential_response` over all dt. There dV/dt = 0, so that V = tau_m I/C
/// with what is left of the current at
///
///     t = log(tau_m/tau_syn) / (1/tau_syn - 1/tau_m).
inline double highest_exponential_response(double tau_m, double tau_syn, double C_m) {
  const double x = tau_syn / tau_m - 1.0;
  const double t_over_tau_syn = std::abs(x) < 1e-300 ? 1.0 : std::log1p(x) / x;
  return tau_m / C_m * std::exp(-t_over_tau_syn);
}

/// int_0^1 s exp(-x s) ds = (1 - (1 + x) exp(-x))/x^2 for x >= 0.
inline double ramp_integral(double x) {
  if (x > 1.0) return (one_minus_exp(x) - x * std::exp(-x)) / (x * x);
  double sum = 0.0;
  double term = 1.0;  // (-x)^k / k!
  for (int k = 0; k < 18; ++k) {
    sum += term / (k + 2);
    term *= -x / (k + 1);
  }
  return sum;
}

/// int_0^1 (1 - s) exp(-x s) ds = (x - 1 + exp(-x))/x^2 for x >= 0.
inline double falling_ramp_integral(double x) {
  if (x > 1.0) return (x - one_minus_exp(x)) / (x * x);
  double sum = 0.0;
  double term = 0.5;  // (-x)^k / (k + 2)!
  for (int k = 0; k < 18; ++k) {
    sum += term;
    term *= -x / (k + 3);
  }
  return sum;
}

/// (1/C) int_0^dt exp(-(dt-s)/tau_m) s exp(-s/tau_syn) ds: the membrane after dt, in mV, of a
/// current that starts at zero with a slope of 1 pA/ms and decays with tau_syn.
inline double alpha_response(double tau_m, double tau_syn, double C_m, double dt) {
  const double x = (1.0 / tau_syn - 1.0 / tau_m) * dt;
  const double scale = std::exp(-dt / std::max(tau_m, tau_syn)) * dt * dt / C_m;
  return scale * (x >= 0.0 ? ramp_integral(x) : falling_ramp_integral(-x));
}

}  // namespace ranvier
