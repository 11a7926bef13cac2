#pragma once

/// What the integrate-and-fire family in physical units shares: a membrane that rests at E_L, fires
/// at V_th and is put back to V_reset, where it is held for t_ref.

#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/parameter.hpp"

namespace ranvier {

/// Defaults are NEST's for the iaf family.
struct HardThresholdParameters {
  double E_L = -70.0;
  double C_m = 250.0;
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
std::vector<Field<P>> hard_threshold_fields() {
  return {
      real<P>("E_L", &P::E_L, "mV", any_real, "resting potential"),
      real<P>("C_m", &P::C_m, "pF", positive, "capacitance of the membrane"),
      real<P>("V_th", &P::V_th, "mV", any_real, "spike threshold"),
      real<P>("V_reset", &P::V_reset, "mV", any_real, "membrane potential after a spike"),
      real<P>("t_ref", &P::t_ref, "ms", non_negative, "absolute refractory period"),
      real<P>("I_e", &P::I_e, "pA", any_real, "constant input current"),
  };
}

/// Threshold and reset of a state whose membrane potential is V_m.
template <class Real>
struct HardThreshold {
  explicit HardThreshold(const HardThresholdParameters& p)
      : V_th(static_cast<Real>(p.V_th)), V_reset(static_cast<Real>(p.V_reset)) {}

  template <class S>
  auto excess(const S& s) const {
    return s.V_m - V_th;
  }

  /// Written as a blend, so that it can be differentiated and vectorised.
  template <class S, class X>
  void reset(S& s, const X& spike) const {
    s.V_m = s.V_m * (Real(1) - spike) + V_reset * spike;
  }

  Real V_th, V_reset;
};

}  // namespace ranvier
