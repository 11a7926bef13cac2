#include "experiments/simulate/time_forecast.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <numeric>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/bundle.hpp"
#include "core/runtime/packed_rows.hpp"
#include "core/runtime/plastic_dynamics.hpp"
#include "core/runtime/precision.hpp"
#include "core/simulation.hpp"
#include "networks/connection_rules.hpp"
#include "networks/distribution.hpp"

namespace ranvier {
namespace {

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

template <class T>
void shorten(std::vector<T>& values, std::size_t size) {
  if (values.size() > size) values.resize(size);
}

/// At most `size` neurons of a population, as they are but for their initial state.
PopulationSpec sample_of(const PopulationSpec& population, std::size_t size) {
  PopulationSpec sample = population;
  sample.size = std::min(sample.size, size);
  sample.initial.clear();
  for (auto& [name, values] : sample.parameters.per_neuron) shorten(values, sample.size);
  return sample;
}

/// Seconds that a neuron of a population takes in a step, with its devices.
double seconds_of_a_neuron_step(const SimulationPlan& plan, const PopulationSpec& population) {
  constexpr std::size_t neurons = 4096;
  constexpr double steps = 50.0;
  Network network;
  network.add(sample_of(population, neurons));
  for (auto stimulus : plan.network.stimuli()) {
    if (stimulus.target != population.name) continue;
    shorten(stimulus.spike_times, network.populations().front().size);
    network.add(std::move(stimulus));
  }
  SimulationOptions options = plan.options;
  options.threads = 1;
  Simulation simulation(std::move(network), options, {}, {});
  simulation.run(steps * options.resolution);  // the first run warms up
  const double before = simulation.run_seconds();
  simulation.run(steps * options.resolution);
  return (simulation.run_seconds() - before) / steps /
         static_cast<double>(simulation.network().neurons());
}

/// A value for every key, where the given one is a list that fits other synapses.
ValueSourcePtr without_list(const ValueSourcePtr& values, const RandomStream& stream) {
  return values->size() ? constant_value(values->value(0, stream)) : values;
}

struct SynapseSeconds {
  double build = 0.0;
  double event = 0.0;
};

/// Calls `take(source, delay, begin, count)` for every piece of all rows, and says how long a synapse
/// took.
template <class Take>
double seconds_of_an_event(const PackedRows& rows, Take&& take) {
  const auto sources = static_cast<std::uint32_t>(rows.sources());
  const Stopwatch delivering;
  for (std::uint32_t k = 0; k < sources; ++k) {
    // In no order that a cache could foresee; the sources are a power of two.
    rows.for_segments(static_cast<NeuronId>(k * 2654435769u % sources), take);
  }
  return delivering.seconds() / static_cast<double>(rows.size());
}

template <class Real>
double seconds_of_a_static_event(const PackedRows& rows, std::size_t cells) {
  std::vector<Real> arrivals(cells);
  return seconds_of_an_event(rows, [&](std::size_t, std::uint64_t begin, std::uint64_t count) {
    rows.deliver(begin, count, arrivals.data());
  });
}

/// Of an arrival at a synapse whose target has fired once since the one before.
template <class Real>
double seconds_of_a_plastic_event(const Plasticity& plasticity, PackedRows& rows, NeuronId neurons,
                                  const TimeGrid& grid, std::size_t cells) {
  const auto dynamics = make_plastic_dynamics<Real>(plasticity, neurons, neurons, grid);
  dynamics->reset();
  constexpr Step before = 200, since = 100;
  const auto emitted = before + static_cast<Step>(rows.longest_delay());
  std::vector<NeuronId> all(neurons);
  std::iota(all.begin(), all.end(), NeuronId{0});
  dynamics->fire(all, 0, before - since, rows.longest_delay());
  std::vector<Real> arrivals(cells);
  return seconds_of_an_event(
      rows, [&](std::size_t delay, std::uint64_t begin, std::uint64_t count) {
        dynamics->deliver(rows, {.begin = begin, .count = count, .delay = delay},
                          {.emitted = emitted, .previous = emitted - before, .before = 0.0},
                          arrivals.data());
      });
}

/// Seconds of a synapse with the weights and delays of a projection, drawn at random and delivered
/// from rows that are larger than caches.
SynapseSeconds seconds_of_a_synapse(const SimulationPlan& plan, const ProjectionSpec& projection) {
  constexpr std::size_t neurons = 4096;
  constexpr std::int64_t indegree = 400;
  const RandomStream stream(plan.options.seed, Purpose::weight);
  Network network;
  const auto& target = plan.network.populations()[plan.network.population_index(projection.target)];
  auto sample = sample_of(target, neurons);
  sample.size = neurons;
  sample.parameters.per_neuron.clear();
  network.add(sample);
  network.add(ProjectionSpec{.source = target.name,
                             .target = target.name,
                             .rule = connection_rule("fixed_indegree", {{"indegree", indegree}}),
                             .weight = without_list(projection.weight, stream),
                             .delay = projection.delay->constant() == 0.0
                                          ? constant_value(plan.options.resolution)
                                          : without_list(projection.delay, stream),
                             .port = projection.port,
                             .plasticity = projection.plasticity});
  const bool single = precision_of(plan.options) == "single";
  const CellLayout layout(network, Partition{1}, 0);
  const TimeGrid grid(plan.options.resolution);
  LargeArray<std::byte> scratch;
  const Stopwatch building;
  PackedRows rows(network, bundles_of(network).front(), plan.options.seed, layout, grid, scratch,
                  single ? sizeof(float) : sizeof(double));
  const double build_seconds = building.seconds();
  const auto event_seconds = [&]<class Real>() {
    return projection.plasticity ? seconds_of_a_plastic_event<Real>(*projection.plasticity, rows,
                                                                    neurons, grid, layout.size())
                                 : seconds_of_a_static_event<Real>(rows, layout.size());
  };
  return {build_seconds / static_cast<double>(rows.size()),
          single ? event_seconds.template operator()<float>()
                 : event_seconds.template operator()<double>()};
}

std::string readable_seconds(double seconds) {
  return seconds < 600.0 ? fmt::format("{:.1f} s", seconds)
                         : fmt::format("{:.0f} min", seconds / 60.0);
}

}  // namespace

std::optional<ProbedCosts> probe_costs(const SimulationPlan& plan, const Forecast& forecast) {
  if (plan.options.runtime != "clock") return std::nullopt;
  ProbedCosts costs;
  const double steps = plan.duration / plan.options.resolution;
  for (const auto& population : plan.network.populations()) {
    costs.neurons +=
        seconds_of_a_neuron_step(plan, population) * static_cast<double>(population.size) * steps;
  }
  // One probe for each way of storing weights and delays.
  std::map<std::pair<WeightStorage, bool>, SynapseSeconds> probed;
  for (const auto& bundle : bundles_of(plan.network)) {
    for (const auto p : bundle.projections) {
      const auto& projection = plan.network.projections()[p];
      const auto kind = std::pair(bundle.storage, projection.delay->constant().has_value());
      if (!probed.contains(kind)) probed[kind] = seconds_of_a_synapse(plan, projection);
      const double synapses = forecast.projections[p].synapses;
      costs.build += probed[kind].build * synapses;
      costs.events_per_hz += probed[kind].event * synapses * plan.duration / 1000.0;
    }
  }
  return costs;
}

std::string to_text(const std::optional<ProbedCosts>& costs, unsigned threads) {
  if (!costs) return forecast_line("time", "unknown: the event runtime's depends on activity");
  const auto share = [&](double seconds) { return readable_seconds(seconds / threads); };
  return forecast_line(fmt::format("time on {} threads, at least", threads), "") +
         forecast_line("  to build", share(costs->build)) +
         forecast_line("  to run", share(costs->neurons)) +
         forecast_line("  and for each Hz of mean rate", share(costs->events_per_hz));
}

}  // namespace ranvier
