#pragma once

/// What a finished simulation leaves in its results.

#include "core/simulation.hpp"
#include "experiments/results/results.hpp"
#include "experiments/simulate/plan.hpp"

namespace ranvier {

/// Headline figures, spikes (SONATA), recordings, and weights where asked for. `run_seconds` is the
/// time spent advancing the network, over all parts of an interrupted run.
void write_outcome(const SimulationPlan& plan, const Simulation& simulation, double run_seconds,
                   Results& results);

}  // namespace ranvier
