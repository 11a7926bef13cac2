#pragma once

#include <limits>

#include "core/neuron_model.hpp"
#include "neurons/unit_membrane.hpp"

namespace ranvier {

/// Discrete-time integrate-and-fire neuron without a leak: with soft reset its rate is the rectified
/// linear function of its drive, which makes it the unit of networks converted from ReLU networks.
/// Dimensionless; one step lasts `step` ms.
///
///     V[t] = V[t-1] + I_e + I_stim + arrivals[t]
///     V[t] >= V_th:  spike, V -= V_th (soft reset) or V = 0 (hard reset)
///
/// `V_initial` at V_th/2 halves the largest error of the rate. While refractory the neuron goes on
/// integrating and only its spike is withheld.
///
/// Source: Rueckauer, Lungu, Hu, Pfeiffer & Liu 2017, Front. Neurosci. 11:682; V_initial: Bu et al.
/// 2022, AAAI 36:11-20.
struct IntegrateAndFire {
  static constexpr ModelInfo info{
      "integrate_and_fire", "integrate-and-fire neuron without a leak, for converted networks",
      "V[t] = V[t-1] + I_e + I_stim + arrivals[t]; spike at V >= V_th",
      "Rueckauer et al. 2017, Front. Neurosci. 11:682"};

  struct Parameters : UnitMembraneParameters {
    static std::vector<Field<Parameters>> fields() { return unit_membrane_fields<Parameters>(); }
  };

  template <class X>
  using State = UnitState<X>;
  static constexpr auto ports = unit_ports;
  static constexpr auto trained_parameters = std::to_array<std::string_view>({"V_th"});
  static State<double> rest(const Parameters& p) { return {.V_m = p.V_initial}; }

  template <class Real>
  struct Law : UnitLaw<Real> {
    Law(const Parameters& p, double dt) : UnitLaw<Real>(p, 1.0, dt / p.step) {}
  };

  static double refractory_period(const Parameters& p) { return p.t_ref; }

  /// V rises by the drive per step.
  static double next_crossing(const Parameters& p, const State<double>& s) {
    if (s.V_m >= p.V_th) return 0.0;
    const double drive = p.I_e + s.I_stim;
    if (!(drive > 0.0)) return std::numeric_limits<double>::infinity();
    return (p.V_th - s.V_m) / drive * p.step;
  }
};

RANVIER_NEURON(IntegrateAndFire)

}  // namespace ranvier
