#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "core/neuron_model.hpp"
#include "neurons/exact_membrane.hpp"
#include "neurons/synaptic_response.hpp"

namespace ranvier {

/// Leaky integrate-and-fire neuron with alpha-shaped synaptic currents.
///
///     C_m dV_m/dt  = -C_m (V_m - E_L)/tau_m + I_syn_ex + I_syn_in + I_stim + I_e
///     dI_syn_x/dt  = dI_x - I_syn_x/tau_syn_x
///     d(dI_x)/dt   = -dI_x/tau_syn_x                   x = ex, in
///     arrival:       dI_x += weight e/tau_syn_x
///     V_m >= V_th:   spike, V_m = V_reset, held for t_ref
///
/// One arrival gives the current weight (t/tau_syn) exp(1 - t/tau_syn): its peak, at tau_syn, is
/// the weight. Integrated exactly over any dt: Rotter & Diesmann 1999, Biol. Cybern. 81:381-402.
/// The same system as NEST's model of this name.
struct IafPscAlpha {
  static constexpr ModelInfo info{
      "iaf_psc_alpha", "leaky integrate-and-fire neuron with alpha-shaped synaptic currents",
      "C_m dV_m/dt = -C_m (V_m - E_L)/tau_m + I_syn_ex + I_syn_in + I_stim + I_e; "
      "dI_syn_x/dt = dI_x - I_syn_x/tau_syn_x; d(dI_x)/dt = -dI_x/tau_syn_x",
      "Rotter & Diesmann 1999, Biol. Cybern. 81:381-402"};

  struct Parameters : MembraneParameters {
    double tau_syn_ex = 2.0;
    double tau_syn_in = 2.0;

    static std::vector<Field<Parameters>> fields() {
      auto fields = membrane_fields<Parameters>();
      fields.push_back(real("tau_syn_ex", &Parameters::tau_syn_ex, "ms", positive,
                            "rise time of the excitatory synaptic current"));
      fields.push_back(real("tau_syn_in", &Parameters::tau_syn_in, "ms", positive,
                            "rise time of the inhibitory synaptic current"));
      return fields;
    }
  };

  template <class X>
  struct State {
    X V_m{}, dI_ex{}, I_syn_ex{}, dI_in{}, I_syn_in{}, I_stim{};

    static constexpr auto fields() {
      return std::array{
          StateField<State, X>{"V_m", "mV", &State::V_m, "membrane potential"},
          StateField<State, X>{"dI_ex", "pA/ms", &State::dI_ex,
                               "what drives the excitatory synaptic current"},
          StateField<State, X>{"I_syn_ex", "pA", &State::I_syn_ex, "excitatory synaptic current"},
          StateField<State, X>{"dI_in", "pA/ms", &State::dI_in,
                               "what drives the inhibitory synaptic current"},
          StateField<State, X>{"I_syn_in", "pA", &State::I_syn_in, "inhibitory synaptic current"},
          StateField<State, X>{"I_stim", "pA", &State::I_stim,
                               "current injected by stimulus devices"}};
    }
  };

  static constexpr std::array ports{
      Port{"excitatory", "pA", WeightSign::any, "peak of an excitatory synaptic current"},
      Port{"inhibitory", "pA", WeightSign::any, "peak of an inhibitory synaptic current"},
      Port{"current", "pA", WeightSign::any, "change of the injected current"}};

  static State<double> rest(const Parameters& p) { return {.V_m = p.E_L}; }

  /// One of the two synaptic currents over a stretch dt.
  template <class Real>
  struct Synapse {
    Synapse(const Parameters& p, double tau_syn, double dt)
        : decay(static_cast<Real>(std::exp(-dt / tau_syn))),
          I_per_dI(static_cast<Real>(std::exp(-dt / tau_syn) * dt)),
          V_per_I(static_cast<Real>(exponential_response(p.tau_m, tau_syn, p.C_m, dt))),
          V_per_dI(static_cast<Real>(alpha_response(p.tau_m, tau_syn, p.C_m, dt))),
          dI_per_weight(static_cast<Real>(std::numbers::e / tau_syn)) {}

    template <class X>
    X depolarisation(const X& dI, const X& I) const {
      return V_per_dI * dI + V_per_I * I;
    }

    template <class X>
    void flow(X& dI, X& I) const {
      I = decay * I + I_per_dI * dI;
      dI = decay * dI;
    }

    Real decay, I_per_dI, V_per_I, V_per_dI, dI_per_weight;
  };

  template <class Real>
  struct Law : HardThreshold<Real> {
    Law(const Parameters& p, double dt)
        : HardThreshold<Real>(p),
          membrane(p, dt),
          ex(p, p.tau_syn_ex, dt),
          in(p, p.tau_syn_in, dt) {}

    template <class X>
    void flow(State<X>& s) const {
      s.V_m = membrane.relaxed(s.V_m, s.I_stim) + ex.depolarisation(s.dI_ex, s.I_syn_ex) +
              in.depolarisation(s.dI_in, s.I_syn_in);
      hold(s);
    }

    template <class X>
    void hold(State<X>& s) const {
      ex.flow(s.dI_ex, s.I_syn_ex);
      in.flow(s.dI_in, s.I_syn_in);
    }

    template <class X>
    void jump(State<X>& s, const std::array<X, 3>& arrived, bool /*refractory*/) const {
      s.dI_ex += ex.dI_per_weight * arrived[0];
      s.dI_in += in.dI_per_weight * arrived[1];
      s.I_stim += arrived[2];
    }

    Membrane<Real> membrane;
    Synapse<Real> ex, in;
  };

  static double refractory_period(const Parameters& p) { return p.t_ref; }

  /// Lowest and highest synaptic current (I + dI t) exp(-t/tau) for t in [0, dt]: at an end, or
  /// where its derivative is zero, at tau - I/dI.
  static std::pair<double, double> range_of_current(double dI, double I, double tau, double dt) {
    auto [low, high] = std::minmax({I, (I + dI * dt) * std::exp(-dt / tau)});
    const double t = tau - I / dI;
    if (t > 0.0 && t < dt) {
      const double extremum = dI * tau * std::exp(-t / tau);
      low = std::min(low, extremum);
      high = std::max(high, extremum);
    }
    return {low, high};
  }

  /// The current of dI is dI t exp(-t/tau), an exponential current spread out over time by
  /// exp(-t/tau): its response stays below dI tau times the highest one to a current.
  struct Ceiling {
    explicit Ceiling(const Parameters& p)
        : membrane(p),
          tau_ex(p.tau_syn_ex),
          tau_in(p.tau_syn_in),
          highest_ex(highest_exponential_response(p.tau_m, p.tau_syn_ex, p.C_m)),
          highest_in(highest_exponential_response(p.tau_m, p.tau_syn_in, p.C_m)) {}

    double highest_excess(const State<double>& s) const {
      const double ex = std::max(s.I_syn_ex, 0.0) + tau_ex * std::max(s.dI_ex, 0.0);
      const double in = std::max(s.I_syn_in, 0.0) + tau_in * std::max(s.dI_in, 0.0);
      return membrane.highest_excess(s.V_m, s.I_stim, highest_ex * ex + highest_in * in);
    }

    MembraneCeiling membrane;
    double tau_ex, tau_in;
    double highest_ex, highest_in;  ///< mV of a current that starts at 1 pA
  };

  static CrossingBounds bounds(const Parameters& p, const State<double>& s, double dt) {
    const auto [ex_low, ex_high] = range_of_current(s.dI_ex, s.I_syn_ex, p.tau_syn_ex, dt);
    const auto [in_low, in_high] = range_of_current(s.dI_in, s.I_syn_in, p.tau_syn_in, dt);
    return membrane_bounds(p, s.V_m, s.I_stim + ex_low + in_low, s.I_stim + ex_high + in_high, dt);
  }
};

RANVIER_NEURON(IafPscAlpha)

}  // namespace ranvier
