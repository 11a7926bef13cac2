#pragma once

/// The microcircuit below 1 mm2 of early sensory cortex: four layers, each with an excitatory and an
/// inhibitory population of leaky integrate-and-fire neurons with exponential currents.
///
/// Sources: Potjans & Diesmann 2014, Cereb. Cortex 24:785-806; for the compensation of fewer
/// synapses van Albada, Helias & Diesmann 2015, PLoS Comput. Biol. 11:e1004490.

#include <cstddef>
#include <string_view>
#include <vector>

#include "core/network.hpp"
#include "core/parameter.hpp"

namespace ranvier {

/// What a user may choose; everything else is as published.
struct PotjansDiesmann {
  enum Drive { poisson, dc };
  enum Initial { optimised, original, rest };

  double scale = 1.0;
  double indegree_scale = 1.0;
  int drive = poisson;
  int initial = optimised;
  double background_rate = 8.0;
  double psp = 0.15;
  double g = 4.0;
  double weight_std = 0.1;
  double delay_exc = 1.5;
  double delay_inh = 0.75;
  double delay_std = 0.5;
  double shortest_delay = 0.1;
  double thalamic_rate = 0.0;
  double thalamic_start = 700.0;
  double thalamic_duration = 10.0;

  static std::vector<Field<PotjansDiesmann>> fields();
};

/// Populations L23E, L23I, L4E, L4I, L5E, L5I, L6E, L6I, the 55 projections between them that have
/// synapses, and a Poisson or a constant current into each; with a thalamic rate also TH, whose 902
/// parrots fire for a while.
///
/// `scale` of the neurons and `indegree_scale` of the synapses onto each remain. With in-degrees
/// scaled by k, weights are divided by sqrt(k), which keeps the variance of the input, and a current
/// replaces the mean that is missing at the published rates; correlations grow as neurons get fewer.
///
/// Throws InvalidValue, naming `where`, when a population would have no neuron.
Network potjans_diesmann(const PotjansDiesmann& parameters,
                         std::string_view where = "potjans_diesmann");

}  // namespace ranvier
