#pragma once

/// The dimensionless membrane of networks that learn: threshold near one, weights without units, a
/// constant drive per step, soft or hard reset. `lif`, `integrate_and_fire`, `alif` and
/// `leaky_integrator` differ only in how a stretch of time scales the membrane and the drive, and in
/// where the threshold stands.

#include <array>
#include <cmath>
#include <vector>

#include "core/neuron_model.hpp"

namespace ranvier {

enum class Reset : int { soft, hard };

/// Of every unit membrane, spiking or not.
struct UnitDriveParameters {
  double step = 1.0;
  double V_initial = 0.0;
  double I_e = 0.0;
};

struct UnitMembraneParameters : UnitDriveParameters {
  double V_th = 1.0;
  double t_ref = 0.0;
  int reset = static_cast<int>(Reset::soft);
};

template <class P>
std::vector<Field<P>> unit_drive_fields() {
  return {
      real<P>("step", &P::step, "ms", positive, "duration of one step of the discrete dynamics"),
      real<P>("V_initial", &P::V_initial, "", any_real, "membrane potential at time zero"),
      real<P>("I_e", &P::I_e, "", any_real, "constant drive per step"),
  };
}

template <class P>
std::vector<Field<P>> unit_membrane_fields() {
  auto fields = unit_drive_fields<P>();
  fields.push_back(real<P>("V_th", &P::V_th, "", positive, "spike threshold"));
  fields.push_back(
      real<P>("t_ref", &P::t_ref, "ms", non_negative,
              "time after a spike in which no other is sent (the membrane goes on integrating)"));
  fields.push_back(choice<P>("reset", &P::reset, {"soft", "hard"},
                             "soft subtracts the threshold, hard sets the membrane to zero"));
  return fields;
}

template <class X>
struct UnitState {
  X V_m{}, I_stim{};

  static constexpr auto fields() {
    return std::array{StateField<UnitState, X>{"V_m", "", &UnitState::V_m, "membrane potential"},
                      StateField<UnitState, X>{"I_stim", "", &UnitState::I_stim,
                                               "drive per step injected by stimulus devices"}};
  }
};

inline constexpr std::array unit_ports{
    Port{"membrane", "", WeightSign::any, "step of the membrane potential"},
    Port{"current", "", WeightSign::any, "change of the drive per step"}};

/// What a drive of one per step adds up to over dt under the leak tau_m: the sum of what is left of
/// each step's drive, for any dt between steps too.
inline double drive_gain_of(double tau_m, double step, double dt) {
  return std::expm1(-dt / tau_m) / std::expm1(-step / tau_m);
}

/// Where the membrane settles under a constant drive per step.
inline double settling_point(double drive, double tau_m, double step) {
  return drive / -std::expm1(-step / tau_m);
}

/// A stretch in which the membrane decays by `decay` and a drive of one per step adds up to
/// `drive_gain`. `S` is any state with V_m and I_stim.
template <class Real>
struct UnitFlow {
  UnitFlow(const UnitDriveParameters& p, double membrane_decay, double gain)
      : decay(static_cast<Real>(membrane_decay)),
        drive_gain(static_cast<Real>(gain)),
        I_e(static_cast<Real>(p.I_e)) {}

  template <class S>
  void flow(S& s) const {
    s.V_m = decay * s.V_m + drive_gain * (s.I_stim + I_e);
  }

  template <class S>
  void hold(S& s) const {
    flow(s);
  }

  template <class S, class X>
  void jump(S& s, const std::array<X, 2>& arrived, bool /*refractory*/) const {
    s.V_m += arrived[0];
    s.I_stim += arrived[1];
  }

  Real decay, drive_gain, I_e;
};

/// The same with a constant threshold.
template <class Real>
struct UnitLaw : UnitFlow<Real> {
  UnitLaw(const UnitMembraneParameters& p, double membrane_decay, double gain)
      : UnitFlow<Real>(p, membrane_decay, gain),
        V_th(static_cast<Real>(p.V_th)),
        kept_on_spike(static_cast<Reset>(p.reset) == Reset::soft ? Real(1) : Real(0)) {}

  template <class S>
  auto excess(const S& s) const {
    return s.V_m - V_th;
  }

  template <class S, class X>
  void reset(S& s, const X& spike) const {
    s.V_m = after_spike(s.V_m, V_th, spike);
  }

  /// Soft: V - threshold S. Hard: V (1 - S). One expression for both, linear in the spike S.
  template <class X, class Threshold>
  X after_spike(const X& V, const Threshold& threshold, const X& spike) const {
    return V - spike * (kept_on_spike * threshold + (Real(1) - kept_on_spike) * V);
  }

  Real V_th, kept_on_spike;
};

}  // namespace ranvier
