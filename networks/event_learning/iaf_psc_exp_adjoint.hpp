#pragma once

/// What a loss feels of the state of an `iaf_psc_exp` neuron, carried back in time: the transpose of
/// the model's exact propagator. With lambda_V = dL/dV_m (per mV) and lambda_I = dL/dI_syn_ex (per pA)
///
///     lambda_V(t) = e^(-dt/tau_m) lambda_V(t + dt)
///     lambda_I(t) = e^(-dt/tau_s) lambda_I(t + dt) + P(dt) lambda_V(t + dt)
///
/// where P(dt) is the membrane, in mV, dt after a current of 1 pA began to decay.
///
/// Source: T. C. Wunderlich & C. Pehle 2021, Sci. Rep. 11:12829, whose adjoint variables are
/// -lambda_V/tau_m and -(C_m/tau_m) lambda_I/tau_s of ours; docs/event_gradients.md derives them.

#include "neurons/iaf_psc_exp.hpp"

namespace ranvier {

/// The propagator over a stretch dt, for the excitatory port.
struct IafPscExpAdjoint {
  IafPscExpAdjoint(const IafPscExp::Parameters& p, double dt)
      : decay_m(decayed(dt / p.tau_m).left),
        decay_s(decayed(dt / p.tau_syn_ex).left),
        V_per_I(exponential_response(p.tau_m, p.tau_syn_ex, p.C_m, dt)) {}

  /// From the end of the stretch to its beginning.
  void pull_back(double& lambda_V, double& lambda_I) const {
    lambda_I = decay_s * lambda_I + V_per_I * lambda_V;
    lambda_V = decay_m * lambda_V;
  }

  double decay_m, decay_s, V_per_I;
};

/// dV_m/dt in mV/ms at a membrane potential and a synaptic current.
inline double membrane_slope(const IafPscExp::Parameters& p, double V_m, double I_syn) {
  return (p.E_L - V_m) / p.tau_m + (I_syn + p.I_e) / p.C_m;
}

/// What the loss feels of an arrival of `weight` pA that comes later, per ms: the current is stronger
/// for it ever after, the membrane has missed it for a moment.
inline double arrival_time_slope(const IafPscExp::Parameters& p, double weight, double lambda_V,
                                 double lambda_I) {
  return weight * (lambda_I / p.tau_syn_ex - lambda_V / p.C_m);
}

}  // namespace ranvier
