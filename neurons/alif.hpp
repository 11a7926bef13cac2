#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "core/neuron_model.hpp"
#include "neurons/relaxation.hpp"
#include "neurons/unit_membrane.hpp"

namespace ranvier {

/// Discrete-time leaky integrate-and-fire neuron with an adaptive threshold, the unit of long
/// short-term memory spiking networks (LSNN). Dimensionless; one step lasts `step` ms.
///
///     V[t] = exp(-step/tau_m) V[t-1] + I_e + I_stim + arrivals[t]
///     a[t] = exp(-step/tau_adapt) a[t-1]
///     B[t] = V_th + beta a[t]
///     V[t] >= B[t]:  spike, V -= B (soft reset) or V = 0 (hard reset), then a += 1
///
/// In the paper a spike raises its b by 1 - rho, rho = exp(-step/tau_adapt), so the beta of this
/// model is the paper's times 1 - rho; its resistance and 1 - alpha are part of the weights here.
/// While refractory the neuron goes on integrating and only its spike is withheld.
///
/// Source: Bellec, Salaj, Subramoney, Legenstein & Maass 2018, NeurIPS 31.
struct Alif {
  static constexpr ModelInfo info{
      "alif", "discrete-time leaky integrate-and-fire neuron with an adaptive threshold",
      "V[t] = exp(-step/tau_m) V[t-1] + I_e + I_stim + arrivals[t]; a[t] = exp(-step/tau_adapt) "
      "a[t-1]; spike at V >= V_th + beta a, then a += 1",
      "Bellec, Salaj, Subramoney, Legenstein & Maass 2018, NeurIPS 31"};

  struct Parameters : UnitMembraneParameters {
    double tau_m = 20.0;
    double tau_adapt = 200.0;
    double beta = 0.2;

    static std::vector<Field<Parameters>> fields() {
      auto fields = unit_membrane_fields<Parameters>();
      fields.push_back(
          real("tau_m", &Parameters::tau_m, "ms", positive, "time constant of the leak"));
      fields.push_back(real("tau_adapt", &Parameters::tau_adapt, "ms", positive,
                            "time constant of the adaptation"));
      fields.push_back(
          real("beta", &Parameters::beta, "", non_negative, "rise of the threshold per spike"));
      return fields;
    }
  };

  template <class X>
  struct State {
    X V_m{}, a{}, I_stim{};

    static constexpr auto fields() {
      return std::array{StateField<State, X>{"V_m", "", &State::V_m, "membrane potential"},
                        StateField<State, X>{"a", "", &State::a,
                                             "adaptation: spikes, each fading with tau_adapt"},
                        StateField<State, X>{"I_stim", "", &State::I_stim,
                                             "drive per step injected by stimulus devices"}};
    }
  };

  static constexpr auto ports = unit_ports;
  static constexpr auto trained_parameters =
      std::to_array<std::string_view>({"tau_m", "V_th", "tau_adapt", "beta"});
  static State<double> rest(const Parameters& p) { return {.V_m = p.V_initial}; }

  template <class Real>
  struct Law : UnitLaw<Real> {
    Law(const Parameters& p, double dt)
        : UnitLaw<Real>(p, std::exp(-dt / p.tau_m), drive_gain_of(p.tau_m, p.step, dt)),
          decay_a(static_cast<Real>(std::exp(-dt / p.tau_adapt))),
          beta(static_cast<Real>(p.beta)) {}

    template <class X>
    void flow(State<X>& s) const {
      UnitLaw<Real>::flow(s);
      s.a = decay_a * s.a;
    }

    template <class X>
    void hold(State<X>& s) const {
      flow(s);
    }

    template <class X>
    X threshold(const State<X>& s) const {
      return beta * s.a + this->V_th;
    }

    template <class X>
    X excess(const State<X>& s) const {
      return s.V_m - threshold(s);
    }

    template <class X>
    void reset(State<X>& s, const X& spike) const {
      reset(s, spike, spike);
    }

    /// A spike raises the adaptation besides resetting V: training may follow the one and not the
    /// other.
    template <class X>
    void reset(State<X>& s, const X& spike, const X& resetting) const {
      s.V_m = this->after_spike(s.V_m, threshold(s), resetting);
      s.a += spike;
    }

    Real decay_a, beta;
  };

  static double refractory_period(const Parameters& p) { return p.t_ref; }

  /// V stays below the higher of itself and its target, the threshold above V_th unless a is below
  /// zero, which only `set_state` can make it.
  struct Ceiling {
    explicit Ceiling(const Parameters& p)
        : target_per_drive(settling_point(1.0, p.tau_m, p.step)),
          I_e(p.I_e),
          V_th(p.V_th),
          beta(p.beta) {}

    double highest_excess(const State<double>& s) const {
      const double target = target_per_drive * (I_e + s.I_stim);
      const double lowered = beta * std::max(-s.a, 0.0);
      return rounded_up(std::max(s.V_m, target) + lowered,
                        std::abs(s.V_m) + std::abs(target) + V_th + lowered) -
             V_th;
    }

    double target_per_drive, I_e, V_th, beta;
  };

  /// Excess and slope are sums of two decays, whose ranges are known exactly.
  static CrossingBounds bounds(const Parameters& p, const State<double>& s, double dt) {
    const double target = settling_point(p.I_e + s.I_stim, p.tau_m, p.step);
    const double V = s.V_m - target, B = -p.beta * s.a;
    const double highest = range_of_decays(V, p.tau_m, B, p.tau_adapt, dt).second;
    const double lowest_slope =
        range_of_decays(-V / p.tau_m, p.tau_m, -B / p.tau_adapt, p.tau_adapt, dt).first;
    return {target - p.V_th + highest, lowest_slope};
  }
};

RANVIER_NEURON(Alif)

}  // namespace ranvier
