#pragma once

/// The passive membrane that the current-based leaky integrate-and-fire family shares: its
/// parameters, its exact propagator and what bounds its next threshold crossing.
///
///     C_m dV/dt = -C_m (V - E_L)/tau_m + I(t)

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/neuron_model.hpp"

namespace ranvier {

/// Defaults are NEST's for the iaf family.
struct MembraneParameters {
  double E_L = -70.0;
  double C_m = 250.0;
  double tau_m = 10.0;
  double V_th = -55.0;
  double V_reset = -70.0;
  double t_ref = 2.0;
  double I_e = 0.0;

  /// Conditions between parameters, checked when a population is made.
  void validate(std::string_view where) const {
    if (V_reset >= V_th) {
      throw InvalidValue(fmt::format(
          "V_reset of {} is {} mV; expected less than V_th, which is {} mV", where, V_reset, V_th));
    }
  }
};

template <class P>
std::vector<Field<P>> membrane_fields() {
  return {
      real<P>("E_L", &P::E_L, "mV", any_real, "resting potential"),
      real<P>("C_m", &P::C_m, "pF", positive, "capacitance of the membrane"),
      real<P>("tau_m", &P::tau_m, "ms", positive, "time constant of the membrane"),
      real<P>("V_th", &P::V_th, "mV", any_real, "spike threshold"),
      real<P>("V_reset", &P::V_reset, "mV", any_real, "membrane potential after a spike"),
      real<P>("t_ref", &P::t_ref, "ms", non_negative, "absolute refractory period"),
      real<P>("I_e", &P::I_e, "pA", any_real, "constant input current"),
  };
}

/// 1 - exp(-x), exact for small x.
inline double one_minus_exp(double x) { return -std::expm1(-x); }

/// Membrane response after dt to a current that starts at 1 pA and decays with tau_syn:
/// (1/C) int_0^dt exp(-(dt-s)/tau_m) exp(-s/tau_syn) ds, in mV. The quotient of differences is
/// written with expm1, so that nearly equal time constants lose no digits; equal ones take the
/// limit.
inline double exponential_response(double tau_m, double tau_syn, double C_m, double dt) {
  const double rate = 1.0 / tau_syn - 1.0 / tau_m;  // exp(-dt/tau_m) int_0^dt exp(-rate s) ds
  const double x = rate * dt;
  const double integral = std::abs(x) < 1e-300 ? dt : one_minus_exp(x) / rate;
  return std::exp(-dt / tau_m) * integral / C_m;
}

/// The membrane's constants over a stretch dt.
template <class Real>
struct Membrane {
  Membrane(const MembraneParameters& p, double dt)
      : decay(static_cast<Real>(std::exp(-dt / p.tau_m))),
        V_per_I(static_cast<Real>(one_minus_exp(dt / p.tau_m) * p.tau_m / p.C_m)),
        drift(static_cast<Real>(one_minus_exp(dt / p.tau_m) * (p.E_L + p.I_e * p.tau_m / p.C_m))),
        V_th(static_cast<Real>(p.V_th)),
        V_reset(static_cast<Real>(p.V_reset)) {}

  /// V after dt under the leak, I_e and a constant extra current.
  template <class X>
  X relaxed(const X& V, const X& I) const {
    return decay * V + V_per_I * I + drift;
  }

  /// Hard reset, written as a blend so that it can be differentiated and vectorised.
  template <class X>
  X after_spike(const X& V, const X& spike) const {
    return V * (Real(1) - spike) + V_reset * spike;
  }

  Real decay, V_per_I, drift, V_th, V_reset;
};

/// Lowest and highest value of x exp(-t/tau) for t in [0, dt].
inline std::pair<double, double> range_of_decay(double x, double tau, double dt) {
  return std::minmax({x, x * std::exp(-dt / tau)});
}

/// Bounds on a membrane that starts at V and receives a current between I_low and I_high for dt.
/// By comparison of solutions V stays below the relaxation under I_high, and dV/dt is at least what
/// I_low gives at the highest V.
inline CrossingBounds membrane_bounds(const MembraneParameters& p, double V, double I_low,
                                      double I_high, double dt) {
  const double R = p.tau_m / p.C_m;
  const double target = p.E_L + R * (p.I_e + I_high);
  const double V_high = std::max(V, V + (target - V) * one_minus_exp(dt / p.tau_m));
  return {V_high - p.V_th, (p.E_L + R * (p.I_e + I_low) - V_high) / p.tau_m};
}

}  // namespace ranvier
