#pragma once

/// What a simulation will take, before anything of it is built.

#include <string>
#include <string_view>
#include <vector>

#include "experiments/simulate/plan.hpp"

namespace ranvier {

/// Bytes, and counts as expectations: connection rules may draw how many synapses there are.
struct Forecast {
  struct Projection {
    std::string name;
    double synapses;
  };

  double neurons = 0.0;
  std::vector<Projection> projections{};
  double state = 0.0;       ///< of neurons
  double rows = 0.0;        ///< of synapses
  double arrivals = 0.0;    ///< sums of what arrives, without what is under way
  double recordings = 0.0;  ///< state variables and weights that are recorded
  double file = 0.0;        ///< of the results, uncompressed, without spikes

  /// Recorded spikes for every Hz of mean rate, in memory and in the file: the rate itself is known
  /// only by simulating.
  double spikes_per_hz = 0.0;
  double spike_memory_per_hz = 0.0;
  double spike_file_per_hz = 0.0;

  double synapses() const;
  double memory() const;  ///< without spikes
};

/// A lower bound of memory: what grows with activity (spikes on their way and recorded) is not in it.
/// How many different delays a row has is estimated from a sample of the draws.
Forecast forecast_of(const SimulationPlan& plan, unsigned threads);

/// A line of the table for people, and the table.
std::string forecast_line(std::string_view name, std::string_view value);
std::string to_text(const Forecast& forecast);

}  // namespace ranvier
