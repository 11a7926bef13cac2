#pragma once

#include <array>
#include <cmath>

#include "core/neuron_model.hpp"
#include "neurons/exact_membrane.hpp"

namespace ranvier {

/// Leaky integrate-and-fire neuron whose synapses step the membrane.
///
///     C_m dV_m/dt = -C_m (V_m - E_L)/tau_m + I_stim + I_e
///     arrival:      V_m += weight (mV), unless refractory: what arrives then is lost
///     V_m >= V_th:  spike, V_m = V_reset, held for t_ref
///
/// Integrated exactly over any dt: Rotter & Diesmann 1999, Biol. Cybern. 81:381-402. The same
/// system as NEST's model of this name with refractory_input off.
struct IafPscDelta {
  static constexpr ModelInfo info{
      "iaf_psc_delta", "leaky integrate-and-fire neuron whose synapses step the membrane",
      "C_m dV_m/dt = -C_m (V_m - E_L)/tau_m + I_stim + I_e; arrival: V_m += weight",
      "Rotter & Diesmann 1999, Biol. Cybern. 81:381-402"};

  struct Parameters : MembraneParameters {
    static std::vector<Field<Parameters>> fields() { return membrane_fields<Parameters>(); }
  };

  template <class X>
  struct State {
    X V_m{}, I_stim{};

    static constexpr auto fields() {
      return std::array{StateField<State, X>{"V_m", "mV", &State::V_m, "membrane potential"},
                        StateField<State, X>{"I_stim", "pA", &State::I_stim,
                                             "current injected by stimulus devices"}};
    }
  };

  static constexpr std::array ports{
      Port{"membrane", "mV", WeightSign::any, "step of the membrane potential"},
      Port{"current", "pA", WeightSign::any, "change of the injected current"}};

  static State<double> rest(const Parameters& p) { return {.V_m = p.E_L}; }

  template <class Real>
  struct Law : HardThreshold<Real> {
    Law(const Parameters& p, double dt) : HardThreshold<Real>(p), membrane(p, dt) {}

    template <class X>
    void flow(State<X>& s) const {
      s.V_m = membrane.relaxed(s.V_m, s.I_stim);
    }

    template <class X>
    void hold(State<X>& /*s*/) const {}

    template <class X>
    void jump(State<X>& s, const std::array<X, 2>& arrived, bool refractory) const {
      s.V_m += refractory ? X{} : arrived[0];
      s.I_stim += arrived[1];
    }

    Membrane<Real> membrane;
  };

  static double refractory_period(const Parameters& p) { return p.t_ref; }

  static double next_crossing(const Parameters& p, const State<double>& s) {
    return relaxation_crossing(s.V_m, membrane_target(p, s.I_stim), p.V_th, p.tau_m);
  }
};

RANVIER_NEURON(IafPscDelta)

}  // namespace ranvier
