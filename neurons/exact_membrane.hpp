#pragma once

/// The passive membrane that the current-based leaky integrate-and-fire family shares: its
/// parameters, its exact propagator and what bounds its next threshold crossing.
///
///     C_m dV/dt = -C_m (V - E_L)/tau_m + I(t)

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/neuron_model.hpp"
#include "neurons/hard_threshold.hpp"
#include "neurons/relaxation.hpp"

namespace ranvier {

/// Defaults are NEST's for the iaf family.
struct MembraneParameters : HardThresholdParameters {
  double tau_m = 10.0;
};

template <class P>
std::vector<Field<P>> membrane_fields() {
  auto fields = hard_threshold_fields<P>();
  fields.push_back(real<P>("tau_m", &P::tau_m, "ms", positive, "time constant of the membrane"));
  return fields;
}

/// The membrane's constants over a stretch dt.
template <class Real>
struct Membrane {
  Membrane(const MembraneParameters& p, double dt) : Membrane(p, decayed(dt / p.tau_m)) {}

  Membrane(const MembraneParameters& p, const Decayed& over)
      : decay(static_cast<Real>(over.left)),
        V_per_I(static_cast<Real>(over.gone * p.tau_m / p.C_m)),
        drift(static_cast<Real>(over.gone * (p.E_L + p.I_e * p.tau_m / p.C_m))) {}

  /// V after dt under the leak, I_e and a constant extra current.
  template <class X>
  X relaxed(const X& V, const X& I) const {
    return decay * V + V_per_I * I + drift;
  }

  Real decay, V_per_I, drift;
};

/// Where the membrane settles under I_e and a constant extra current.
inline double membrane_target(const MembraneParameters& p, double I) {
  return p.E_L + (p.I_e + I) * p.tau_m / p.C_m;
}

/// Where a membrane under a constant current and fading synaptic currents stays for ever: below the
/// higher of its potential and its target, plus the highest response to each synaptic current.
struct MembraneCeiling {
  explicit MembraneCeiling(const MembraneParameters& p)
      : target_at_rest(membrane_target(p, 0.0)), V_per_I(p.tau_m / p.C_m), V_th(p.V_th) {}

  /// `synaptic`: mV, the sum of the highest responses, each at least zero.
  double highest_excess(double V, double I, double synaptic) const {
    const double target = target_at_rest + V_per_I * I;
    return rounded_up(std::max(V, target) + synaptic,
                      std::abs(V) + std::abs(target) + std::abs(V_th) + synaptic) -
           V_th;
  }

  double target_at_rest, V_per_I, V_th;
};

/// Bounds on a membrane that starts at V and receives a current between I_low and I_high for dt.
/// By comparison of solutions V stays below the relaxation under I_high, and dV/dt is at least what
/// I_low gives at the highest V.
inline CrossingBounds membrane_bounds(const MembraneParameters& p, double V, double I_low,
                                      double I_high, double dt) {
  const double target = membrane_target(p, I_high);
  const double V_high = std::max(V, V + (target - V) * one_minus_exp(dt / p.tau_m));
  return {V_high - p.V_th, (membrane_target(p, I_low) - V_high) / p.tau_m};
}

}  // namespace ranvier
