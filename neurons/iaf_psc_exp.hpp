#pragma once

#include <algorithm>
#include <cmath>

#include "core/neuron_model.hpp"
#include "neurons/exact_membrane.hpp"
#include "neurons/synaptic_response.hpp"

namespace ranvier {

/// Leaky integrate-and-fire neuron with exponentially decaying synaptic currents.
///
///     C_m dV_m/dt      = -C_m (V_m - E_L)/tau_m + I_syn_ex + I_syn_in + I_stim + I_e
///     dI_syn_x/dt      = -I_syn_x/tau_syn_x            x = ex, in
///     arrival:           I_syn_x += weight
///     V_m >= V_th:       spike, V_m = V_reset, held for t_ref
///
/// Integrated exactly over any dt: Rotter & Diesmann 1999, Biol. Cybern. 81:381-402. The same
/// system as NEST's model of this name.
struct IafPscExp {
  static constexpr ModelInfo info{
      "iaf_psc_exp", "leaky integrate-and-fire neuron with exponential synaptic currents",
      "C_m dV_m/dt = -C_m (V_m - E_L)/tau_m + I_syn_ex + I_syn_in + I_stim + I_e; "
      "dI_syn_x/dt = -I_syn_x/tau_syn_x",
      "Rotter & Diesmann 1999, Biol. Cybern. 81:381-402"};

  struct Parameters : MembraneParameters {
    double tau_syn_ex = 2.0;
    double tau_syn_in = 2.0;

    static std::vector<Field<Parameters>> fields() {
      auto fields = membrane_fields<Parameters>();
      fields.push_back(real("tau_syn_ex", &Parameters::tau_syn_ex, "ms", positive,
                            "time constant of the excitatory synaptic current"));
      fields.push_back(real("tau_syn_in", &Parameters::tau_syn_in, "ms", positive,
                            "time constant of the inhibitory synaptic current"));
      return fields;
    }
  };

  template <class X>
  struct State {
    X V_m{}, I_syn_ex{}, I_syn_in{}, I_stim{};

    static constexpr auto fields() {
      return std::array{
          StateField<State, X>{"V_m", "mV", &State::V_m, "membrane potential"},
          StateField<State, X>{"I_syn_ex", "pA", &State::I_syn_ex, "excitatory synaptic current"},
          StateField<State, X>{"I_syn_in", "pA", &State::I_syn_in, "inhibitory synaptic current"},
          StateField<State, X>{"I_stim", "pA", &State::I_stim,
                               "current injected by stimulus devices"}};
    }
  };

  static constexpr std::array ports{
      Port{"excitatory", "pA", WeightSign::any, "step of the excitatory synaptic current"},
      Port{"inhibitory", "pA", WeightSign::any, "step of the inhibitory synaptic current"},
      Port{"current", "pA", WeightSign::any, "change of the injected current"}};

  static State<double> rest(const Parameters& p) { return {.V_m = p.E_L}; }

  template <class Real>
  struct Law : HardThreshold<Real> {
    Law(const Parameters& p, double dt)
        : HardThreshold<Real>(p),
          membrane(p, dt),
          decay_ex(static_cast<Real>(decayed(dt / p.tau_syn_ex).left)),
          decay_in(static_cast<Real>(decayed(dt / p.tau_syn_in).left)),
          V_per_I_ex(static_cast<Real>(exponential_response(p.tau_m, p.tau_syn_ex, p.C_m, dt))),
          V_per_I_in(static_cast<Real>(exponential_response(p.tau_m, p.tau_syn_in, p.C_m, dt))) {}

    template <class X>
    void flow(State<X>& s) const {
      s.V_m = membrane.relaxed(s.V_m, s.I_stim) + V_per_I_ex * s.I_syn_ex + V_per_I_in * s.I_syn_in;
      hold(s);
    }

    template <class X>
    void hold(State<X>& s) const {
      s.I_syn_ex = decay_ex * s.I_syn_ex;
      s.I_syn_in = decay_in * s.I_syn_in;
    }

    template <class X>
    void jump(State<X>& s, const std::array<X, 3>& arrived, bool /*refractory*/) const {
      s.I_syn_ex += arrived[0];
      s.I_syn_in += arrived[1];
      s.I_stim += arrived[2];
    }

    Membrane<Real> membrane;
    Real decay_ex, decay_in, V_per_I_ex, V_per_I_in;
  };

  static double refractory_period(const Parameters& p) { return p.t_ref; }

  struct Ceiling {
    explicit Ceiling(const Parameters& p)
        : membrane(p),
          highest_ex(highest_exponential_response(p.tau_m, p.tau_syn_ex, p.C_m)),
          highest_in(highest_exponential_response(p.tau_m, p.tau_syn_in, p.C_m)) {}

    double highest_excess(const State<double>& s) const {
      const double synaptic =
          highest_ex * std::max(s.I_syn_ex, 0.0) + highest_in * std::max(s.I_syn_in, 0.0);
      return membrane.highest_excess(s.V_m, s.I_stim, synaptic);
    }

    MembraneCeiling membrane;
    double highest_ex, highest_in;  ///< mV of a current that starts at 1 pA
  };

  static CrossingBounds bounds(const Parameters& p, const State<double>& s, double dt) {
    const auto [ex_low, ex_high] = range_of_decay(s.I_syn_ex, p.tau_syn_ex, dt);
    const auto [in_low, in_high] = range_of_decay(s.I_syn_in, p.tau_syn_in, dt);
    return membrane_bounds(p, s.V_m, s.I_stim + ex_low + in_low, s.I_stim + ex_high + in_high, dt);
  }
};

RANVIER_NEURON(IafPscExp)

}  // namespace ranvier
