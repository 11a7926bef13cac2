#include "networks/event_learning/circuit_runner.hpp"

#include <algorithm>
#include <utility>

namespace ranvier {

CircuitRunner::CircuitRunner(const EventCircuit& circuit, std::span<const double> weights)
    : circuit_(circuit),
      simulation_(network_of(circuit, weights), {.runtime = "event", .precision = "double"}) {}

CircuitSpikes CircuitRunner::run(std::vector<std::vector<double>> times,
                                 const std::function<bool(double)>& decide) {
  simulation_.set_spike_times(circuit_input_device, std::move(times));
  RunControl control;
  if (decide) {
    control.decide = decide;
    control.watched = circuit_.populations.back().name;
  }
  simulation_.run(circuit_.window, control);
  CircuitSpikes spikes{.input = simulation_.spikes(circuit_input), .populations = {}};
  for (const auto& population : circuit_.populations) {
    spikes.populations.push_back(simulation_.spikes(population.name));
  }
  return spikes;
}

CircuitSpikes CircuitRunner::run_until_all_answered(std::vector<std::vector<double>> times) {
  const auto outputs = circuit_.populations.back().size;
  std::size_t seen = 0;
  return run(std::move(times), [&](double) {
    const bool fired = output_spikes() > seen;
    seen = output_spikes();
    return fired && seen >= outputs && all_answered();
  });
}

bool CircuitRunner::all_answered() const {
  std::vector<char> fired(circuit_.populations.back().size, 0);
  for (const auto n : simulation_.spikes(circuit_.populations.back().name).neurons) fired[n] = 1;
  return std::ranges::find(fired, 0) == fired.end();
}

std::size_t CircuitRunner::output_spikes() const {
  return simulation_.spike_count(circuit_.populations.back().name);
}

}  // namespace ranvier
