#pragma once

#include <array>
#include <cmath>
#include <string_view>

#include "core/neuron_model.hpp"
#include "neurons/unit_membrane.hpp"

namespace ranvier {

/// Discrete-time leaky integrator that never fires: the readout of networks trained with surrogate
/// gradients. Dimensionless; one step lasts `step` ms. Its output is V_m.
///
///     V[t] = exp(-step/tau_m) V[t-1] + I_e + I_stim + arrivals[t]
///
/// An infinite tau_m sums up whatever arrives.
///
/// Source: Neftci, Mostafa & Zenke 2019, IEEE Signal Process. Mag. 36:51-63.
struct LeakyIntegrator {
  static constexpr ModelInfo info{
      "leaky_integrator", "leaky integrator without a threshold, a readout",
      "V[t] = exp(-step/tau_m) V[t-1] + I_e + I_stim + arrivals[t]",
      "Neftci, Mostafa & Zenke 2019, IEEE Signal Process. Mag. 36:51-63"};
  static constexpr bool spiking = false;

  struct Parameters : UnitDriveParameters {
    double tau_m = 2.0;

    static std::vector<Field<Parameters>> fields() {
      auto fields = unit_drive_fields<Parameters>();
      fields.push_back(real("tau_m", &Parameters::tau_m, "ms",
                            Bounds{.lower = 0.0, .lower_open = true},
                            "time constant of the leak; infinite for none"));
      return fields;
    }
  };

  template <class X>
  using State = UnitState<X>;
  static constexpr auto ports = unit_ports;
  static constexpr auto trained_parameters = std::to_array<std::string_view>({"tau_m"});
  static State<double> rest(const Parameters& p) { return {.V_m = p.V_initial}; }

  template <class Real>
  struct Law : UnitFlow<Real> {
    Law(const Parameters& p, double dt) : UnitFlow<Real>(p, std::exp(-dt / p.tau_m), gain(p, dt)) {}

   private:
    static double gain(const Parameters& p, double dt) {
      return std::isinf(p.tau_m) ? dt / p.step : drive_gain_of(p.tau_m, p.step, dt);
    }
  };

  static double refractory_period(const Parameters& /*p*/) { return 0.0; }
};

RANVIER_NEURON(LeakyIntegrator)

}  // namespace ranvier
