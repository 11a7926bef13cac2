#pragma once

/// The dimensionless membrane of networks that learn: threshold near one, weights without units, a
/// constant drive per step, soft or hard reset. `lif`, `integrate_and_fire` and `leaky_integrator`
/// differ only in how a stretch of time scales the membrane and the drive.

#include <array>
#include <limits>
#include <vector>

#include "core/neuron_model.hpp"

namespace ranvier {

enum class Reset : int { soft, hard };

struct UnitMembraneParameters {
  double step = 1.0;
  double V_th = 1.0;
  double V_initial = 0.0;
  double I_e = 0.0;
  double t_ref = 0.0;
  int reset = static_cast<int>(Reset::soft);
};

template <class P>
std::vector<Field<P>> unit_membrane_fields() {
  return {
      real<P>("step", &P::step, "ms", positive, "duration of one step of the discrete dynamics"),
      real<P>("V_th", &P::V_th, "", positive, "spike threshold"),
      real<P>("V_initial", &P::V_initial, "", any_real, "membrane potential at time zero"),
      real<P>("I_e", &P::I_e, "", any_real, "constant drive per step"),
      real<P>("t_ref", &P::t_ref, "ms", non_negative,
              "time after a spike in which no other is sent (the membrane goes on integrating)"),
      choice<P>("reset", &P::reset, {"soft", "hard"},
                "soft subtracts V_th, hard sets the membrane to zero"),
  };
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

/// The law over a stretch in which the membrane decays by `decay` and a drive of one per step adds
/// up to `drive_gain`.
template <class Real>
struct UnitLaw {
  UnitLaw(const UnitMembraneParameters& p, double membrane_decay, double gain)
      : decay(static_cast<Real>(membrane_decay)),
        drive_gain(static_cast<Real>(gain)),
        I_e(static_cast<Real>(p.I_e)),
        V_th(static_cast<Real>(p.V_th)),
        kept_on_spike(static_cast<Reset>(p.reset) == Reset::soft ? Real(1) : Real(0)) {}

  template <class X>
  void flow(UnitState<X>& s) const {
    s.V_m = decay * s.V_m + drive_gain * (s.I_stim + I_e);
  }

  template <class X>
  void hold(UnitState<X>& s) const {
    flow(s);
  }

  template <class X>
  void jump(UnitState<X>& s, const std::array<X, 2>& arrived, bool /*refractory*/) const {
    s.V_m += arrived[0];
    s.I_stim += arrived[1];
  }

  template <class X>
  X excess(const UnitState<X>& s) const {
    return s.V_m - V_th;
  }

  /// Soft: V - V_th S. Hard: V (1 - S). One expression for both, linear in the spike S.
  template <class X>
  void reset(UnitState<X>& s, X spike) const {
    s.V_m = s.V_m - spike * (kept_on_spike * V_th + (Real(1) - kept_on_spike) * s.V_m);
  }

  Real decay, drive_gain, I_e, V_th;
  Real kept_on_spike;
};

}  // namespace ranvier
