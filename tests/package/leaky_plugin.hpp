#pragma once

#include <cmath>

#include "core/neuron_model.hpp"
#include "neurons/unit_membrane.hpp"

namespace ranvier {

/// A model from outside the tree: a membrane whose leak takes one millisecond.
struct LeakyPlugin {
  static constexpr ModelInfo info{"leaky_plugin", "leaky integrate-and-fire neuron of a plugin",
                                  "V[t] = exp(-step) V[t-1] + arrivals[t]; spike at V >= V_th",
                                  "the package test"};

  struct Parameters : UnitMembraneParameters {
    static std::vector<Field<Parameters>> fields() { return unit_membrane_fields<Parameters>(); }
  };

  template <class X>
  using State = UnitState<X>;
  static constexpr auto ports = unit_ports;
  static constexpr bool fires_only_on_arrival = true;
  static State<double> rest(const Parameters& p) { return {.V_m = p.V_initial}; }

  template <class Real>
  struct Law : UnitLaw<Real> {
    Law(const Parameters& p, double dt)
        : UnitLaw<Real>(p, std::exp(-dt), std::expm1(-dt) / std::expm1(-p.step)) {}
  };

  static double refractory_period(const Parameters& p) { return p.t_ref; }
};

RANVIER_NEURON(LeakyPlugin)

}  // namespace ranvier
