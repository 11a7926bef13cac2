#include "experiments/simulate/outcome.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "core/files/sonata.hpp"
#include "core/rows.hpp"
#include "experiments/spike_statistics.hpp"

namespace ranvier {
namespace {

std::int64_t whole(std::uint64_t count) { return static_cast<std::int64_t>(count); }

void set_figures(const Simulation& simulation, double run_seconds, Metrics& metrics) {
  const auto counters = simulation.counters();
  const double biological_seconds = simulation.now() / 1000.0;
  const auto synapses = simulation.synapses();
  metrics.set("digest", simulation.digest());
  metrics.set("runtime", simulation.options().runtime);
  metrics.set("precision", simulation.options().precision);
  metrics.set("biological_seconds", biological_seconds);
  metrics.set("real_time_factor", run_seconds / biological_seconds);
  metrics.set("build_seconds", simulation.build_seconds());
  metrics.set("run_seconds", run_seconds);
  metrics.set("neurons", whole(simulation.network().neurons()));
  metrics.set("synapses", whole(synapses));
  metrics.set("bytes_per_synapse",
              static_cast<double>(simulation.synapse_bytes()) / static_cast<double>(synapses));
  metrics.set("spikes", whole(counters.spikes));
  metrics.set("synaptic_events", whole(counters.synaptic_events));
}

/// Mean rate, irregularity and correlation of every population after the transient. Those whose
/// spikes are not recorded have a rate only, and that of the whole run only.
void set_statistics(const SimulationPlan& plan, const Simulation& simulation, Metrics& metrics) {
  const auto& network = simulation.network();
  const auto& wanted = plan.statistics;
  const double end = simulation.now();
  std::map<std::string, SpikeTrain> trains;
  for (const auto& name : plan.spikes_of) {
    trains[name] = later_than(simulation.spikes(name), wanted.after);
  }
  for (const auto& population : network.populations()) {
    const auto& name = population.name;
    std::optional<double> rate;
    if (const auto train = trains.find(name); train != trains.end()) {
      rate = mean_rate_hz(train->second.size(), population.size, end - wanted.after);
    } else if (wanted.after == 0.0) {
      rate = mean_rate_hz(simulation.spike_count(name), population.size, end);
    }
    metrics.set("rate_hz_" + name, rate);
  }
  const auto size_of = [&](const std::string& name) {
    return network.populations()[network.population_index(name)].size;
  };
  for (const auto& name : plan.spikes_of) {
    metrics.set("cv_isi_" + name, mean_cv_isi(trains[name], size_of(name)));
  }
  for (const auto& name : plan.spikes_of) {
    metrics.set("correlation_" + name,
                mean_correlation(trains[name], size_of(name),
                                 {.begin = wanted.after,
                                  .end = end,
                                  .bin = wanted.bin,
                                  .sample = static_cast<std::size_t>(wanted.correlation_neurons)}));
  }
}

std::vector<NeuronId> recorded_neurons(const StateRecorderSpec& spec, const Network& network) {
  if (!spec.neurons.empty()) return spec.neurons;
  std::vector<NeuronId> all(network.populations()[network.population_index(spec.population)].size);
  std::iota(all.begin(), all.end(), NeuronId{0});
  return all;
}

/// recordings/<population>/<variable>; a second recorder of the same gets "#2" behind its name.
std::string free_folder(const hdf5::Group& file, const std::string& wanted) {
  auto folder = wanted;
  for (int k = 2; file.has(folder); ++k) folder = fmt::format("{}#{}", wanted, k);
  return folder;
}

void write_recordings(const Simulation& simulation, hdf5::Group& file) {
  for (std::size_t r = 0; r < simulation.recorders().size(); ++r) {
    const auto& spec = simulation.recorders()[r];
    const auto& recording = simulation.recording(r);
    const auto& network = simulation.network();
    const auto& model = network.model_of(network.population_index(spec.population));
    const auto neurons = recorded_neurons(spec, network);
    for (std::size_t v = 0; v < spec.variables.size(); ++v) {
      const auto& variable = model.state[model.state_index(spec.variables[v])];
      const auto folder =
          free_folder(file, fmt::format("recordings/{}/{}", spec.population, variable.name));
      write_trace(file, folder,
                  {.variable = variable.name,
                   .unit = variable.unit,
                   .neurons = neurons,
                   .interval = spec.interval,
                   .times = recording.times,
                   .values = recording.values[v]});
    }
  }
}

/// The synapses of a projection: plastic ones as they are now, static ones drawn once more, as they
/// follow from the seed.
EdgeTable edges_of(const Simulation& simulation, std::size_t projection) {
  const auto& network = simulation.network();
  const auto& spec = network.projections()[projection];
  if (spec.plasticity) {
    auto table = simulation.weights(spec.name);
    return {.source = spec.source,
            .target = spec.target,
            .source_ids = {table.sources.begin(), table.sources.end()},
            .target_ids = {table.targets.begin(), table.targets.end()},
            .weights = std::move(table.weights),
            .delays = std::move(table.delays)};
  }
  const auto size = network.populations()[network.population_index(spec.target)].size;
  const auto rows = build_exact_rows(network, projection, simulation.options().seed,
                                     {0, static_cast<NeuronId>(size)});
  EdgeTable edges{.source = spec.source,
                  .target = spec.target,
                  .source_ids = {},
                  .target_ids = {},
                  .weights = rows.weight,
                  .delays = {}};
  for (std::size_t source = 0; source < rows.sources(); ++source) {
    for (auto k = rows.start[source]; k < rows.start[source + 1]; ++k) {
      edges.source_ids.push_back(source);
      edges.target_ids.push_back(rows.cell[k] % size);
      edges.delays.push_back(rows.delay_of(k));
    }
  }
  return edges;
}

void write_weights(const SimulationPlan& plan, const Simulation& simulation, hdf5::Group& file) {
  const auto& projections = simulation.network().projections();
  for (std::size_t p = 0; p < projections.size(); ++p) {
    if (std::ranges::find(plan.weights_of, projections[p].name) == plan.weights_of.end()) continue;
    write_edges(file, projections[p].name, edges_of(simulation, p));
  }
}

}  // namespace

void write_outcome(const SimulationPlan& plan, const Simulation& simulation, double run_seconds,
                   Results& results) {
  set_figures(simulation, run_seconds, results.metrics);
  set_statistics(plan, simulation, results.metrics);
  for (const auto& name : plan.spikes_of) write_spikes(results.file, name, simulation.spikes(name));
  write_recordings(simulation, results.file);
  write_weights(plan, simulation, results.file);
}

}  // namespace ranvier
