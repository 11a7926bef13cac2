#pragma once

/// How long a simulation in the clock runtime will take, from small probes of the same models,
/// devices, weights and delays, run on this machine just before the question is answered.

#include <optional>
#include <string>

#include "experiments/simulate/forecast.hpp"
#include "experiments/simulate/plan.hpp"

namespace ranvier {

/// Seconds on one thread.
struct ProbedCosts {
  double build = 0.0;          ///< to draw all synapses
  double neurons = 0.0;        ///< to update all neurons for the whole run, with their devices
  double events_per_hz = 0.0;  ///< to deliver what arrives in the whole run at 1 Hz of mean rate
};

/// Nothing for the event runtime: its time depends on the activity alone.
std::optional<ProbedCosts> probe_costs(const SimulationPlan& plan, const Forecast& forecast);

/// Lines for people. Threads are taken to share the work evenly, without loss.
std::string to_text(const std::optional<ProbedCosts>& costs, unsigned threads);

}  // namespace ranvier
