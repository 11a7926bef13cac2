#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "core/neuron_model.hpp"
#include "neurons/relaxation.hpp"
#include "neurons/unit_membrane.hpp"

namespace ranvier {

/// Discrete-time leaky integrate-and-fire neuron, the unit of networks trained with surrogate
/// gradients. Dimensionless; one step lasts `step` ms and beta = exp(-step/tau_m).
///
///     V[t] = beta V[t-1] + I_e + I_stim + arrivals[t]
///     V[t] >= V_th:  spike, V -= V_th (soft reset) or V = 0 (hard reset)
///
/// Over n steps without arrivals V -> beta^n V + (I_e + I_stim)(1 - beta^n)/(1 - beta), which holds
/// for any elapsed time, so the event runtime skips the steps in which nothing happens. While
/// refractory the neuron goes on integrating and only its spike is withheld.
///
/// Source: Neftci, Mostafa & Zenke 2019, IEEE Signal Process. Mag. 36:51-63.
struct Lif {
  static constexpr ModelInfo info{
      "lif", "discrete-time leaky integrate-and-fire neuron of surrogate-gradient training",
      "V[t] = exp(-step/tau_m) V[t-1] + I_e + I_stim + arrivals[t]; spike at V >= V_th",
      "Neftci, Mostafa & Zenke 2019, IEEE Signal Process. Mag. 36:51-63"};

  struct Parameters : UnitMembraneParameters {
    double tau_m = 2.0;

    static std::vector<Field<Parameters>> fields() {
      auto fields = unit_membrane_fields<Parameters>();
      fields.push_back(
          real("tau_m", &Parameters::tau_m, "ms", positive, "time constant of the leak"));
      return fields;
    }
  };

  template <class X>
  using State = UnitState<X>;
  static constexpr auto ports = unit_ports;
  static constexpr auto trained_parameters = std::to_array<std::string_view>({"tau_m", "V_th"});
  static State<double> rest(const Parameters& p) { return {.V_m = p.V_initial}; }

  template <class Real>
  struct Law : UnitLaw<Real> {
    Law(const Parameters& p, double dt)
        : UnitLaw<Real>(p, std::exp(-dt / p.tau_m), drive_gain_of(p.tau_m, p.step, dt)) {}
  };

  static double refractory_period(const Parameters& p) { return p.t_ref; }

  /// V stays below the higher of itself and its target.
  struct Ceiling {
    explicit Ceiling(const Parameters& p)
        : target_per_drive(settling_point(1.0, p.tau_m, p.step)), I_e(p.I_e), V_th(p.V_th) {}

    double highest_excess(const State<double>& s) const {
      const double target = target_per_drive * (I_e + s.I_stim);
      return rounded_up(std::max(s.V_m, target), std::abs(s.V_m) + std::abs(target) + V_th) - V_th;
    }

    double target_per_drive, I_e, V_th;
  };

  /// V relaxes towards drive/(1 - beta): the crossing is a logarithm away.
  static double next_crossing(const Parameters& p, const State<double>& s) {
    return relaxation_crossing(s.V_m, settling_point(p.I_e + s.I_stim, p.tau_m, p.step), p.V_th,
                               p.tau_m);
  }
};

RANVIER_NEURON(Lif)

}  // namespace ranvier
