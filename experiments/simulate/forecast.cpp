#include "experiments/simulate/forecast.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include <fmt/format.h>

#include "core/connection_rule.hpp"
#include "core/files/sonata.hpp"
#include "core/rows.hpp"
#include "core/runtime/delivery.hpp"
#include "core/runtime/footprint.hpp"
#include "experiments/memory.hpp"

namespace ranvier {
namespace {

double expected_synapses(const Network& network, const ProjectionSpec& spec) {
  const auto source = network.population_index(spec.source);
  const auto target = network.population_index(spec.target);
  return spec.rule->expected_synapses({.sources = network.populations()[source].size,
                                       .targets = network.populations()[target].size,
                                       .same_population = source == target,
                                       .autapses = spec.autapses,
                                       .multapses = spec.multapses,
                                       .random = RandomStream(0, Purpose::connectivity)});
}

/// How many different delays, in steps, a row of so many synapses will have on average. The keys
/// of a rule are not known before it draws, so the first ones stand for all.
double delays_of_a_row(const SimulationPlan& plan, std::size_t projection, double synapses_of_row) {
  const auto& delay = *plan.network.projections()[projection].delay;
  const RandomStream stream(plan.options.seed, Purpose::delay,
                            static_cast<std::uint32_t>(projection));
  const TimeGrid grid(plan.options.resolution);
  constexpr std::uint64_t most_draws = 100000;
  const auto draws = std::min(most_draws, delay.size().value_or(most_draws));
  std::map<Step, double> counts;
  for (std::uint64_t key = 0; key < draws; ++key) {
    ++counts[grid.nearest(delay.value(key, stream))];
  }
  double different = 0.0;
  for (const auto& [steps, count] : counts) {
    different += 1.0 - std::pow(1.0 - count / static_cast<double>(draws), synapses_of_row);
  }
  return different;
}

/// Rows of the clock runtime; every thread has some of its own, from all sources.
double packed_bytes(const SimulationPlan& plan, std::size_t projection, double synapses,
                    unsigned threads) {
  const auto& spec = plan.network.projections()[projection];
  const auto& populations = plan.network.populations();
  const auto target = plan.network.population_index(spec.target);
  const auto sources =
      static_cast<double>(populations[plan.network.population_index(spec.source)].size);
  const auto cells = static_cast<double>(populations[target].size) *
                     static_cast<double>(plan.network.model_of(target).ports.size());
  const double weight_bytes = spec.weight->constant() ? 0.0 : sizeof(float);
  const double rows = sources * threads;
  const double segments =
      spec.delay->constant() ? 0.0 : rows * delays_of_a_row(plan, projection, synapses / rows);
  return threads *
         PackedRows::bytes_of(sources, synapses / threads, cells, weight_bytes, segments / threads);
}

double row_bytes(const SimulationPlan& plan, std::size_t projection, double synapses,
                 unsigned threads) {
  if (plan.options.runtime != "event") return packed_bytes(plan, projection, synapses, threads);
  const auto& spec = plan.network.projections()[projection];
  const auto source = plan.network.population_index(spec.source);
  const auto sources = static_cast<double>(plan.network.populations()[source].size);
  return ExactRows::bytes_of(sources, synapses, !spec.delay->constant() || plan.options.on_grid);
}

void add_projections(const SimulationPlan& plan, unsigned threads, Forecast& forecast) {
  const auto& projections = plan.network.projections();
  for (std::size_t p = 0; p < projections.size(); ++p) {
    const auto& spec = projections[p];
    const double synapses = expected_synapses(plan.network, spec);
    forecast.projections.push_back({spec.name, synapses, row_bytes(plan, p, synapses, threads)});
    if (std::ranges::find(plan.weights_of, spec.name) == plan.weights_of.end()) continue;
    forecast.recordings += synapses * bytes_per_edge;
    forecast.file += synapses * bytes_per_edge;
  }
}

void add_populations(const SimulationPlan& plan, Forecast& forecast) {
  const bool event = plan.options.runtime == "event";
  for (const auto& population : plan.network.populations()) {
    const auto& model = neuron_models().at(population.model);
    const auto size = static_cast<double>(population.size);
    const auto footprint = event ? event_footprint(model, size) : clock_footprint(model, size);
    forecast.neurons += size;
    forecast.state += footprint.state;
    forecast.arrivals += footprint.arrivals;
    if (std::ranges::find(plan.spikes_of, population.name) == plan.spikes_of.end()) continue;
    const double spikes = size * plan.duration / 1000.0;
    forecast.spikes_per_hz += spikes;
    forecast.spike_memory_per_hz += spikes * footprint.per_spike;
    forecast.spike_file_per_hz += spikes * bytes_per_spike;
  }
}

void add_recordings(const SimulationPlan& plan, Forecast& forecast) {
  for (const auto& recorder : plan.states) {
    const auto population = plan.network.population_index(recorder.population);
    const auto neurons =
        static_cast<double>(recorder.neurons.empty() ? plan.network.populations()[population].size
                                                     : recorder.neurons.size());
    const double samples = std::floor(plan.duration / recorder.interval + 1e-9);
    const auto variables = static_cast<double>(recorder.variables.size());
    forecast.recordings += variables * samples * neurons * sizeof(double);
    forecast.file += variables * trace_bytes(samples, neurons);
  }
}

std::string line(std::string_view name, std::string_view value) {
  return fmt::format("{:<34} {:>16}\n", name, value);
}

}  // namespace

double Forecast::synapses() const {
  return std::accumulate(projections.begin(), projections.end(), 0.0,
                         [](double sum, const auto& p) { return sum + p.synapses; });
}

double Forecast::rows() const {
  return std::accumulate(projections.begin(), projections.end(), 0.0,
                         [](double sum, const auto& p) { return sum + p.bytes; });
}

double Forecast::memory() const { return state + rows() + arrivals + recordings; }

Forecast forecast_of(const SimulationPlan& plan, unsigned threads) {
  Forecast forecast;
  add_projections(plan, threads, forecast);
  add_populations(plan, forecast);
  add_recordings(plan, forecast);
  return forecast;
}

std::string to_text(const Forecast& forecast) {
  std::string text = line("neurons", fmt::format("{:.0f}", forecast.neurons));
  text += line("synapses, expected", fmt::format("{:.0f}", forecast.synapses()));
  for (const auto& projection : forecast.projections) {
    text += line("  " + projection.name, fmt::format("{:.0f}", projection.synapses));
  }
  text += line("memory, at least", readable_bytes(forecast.memory()));
  text += line("  state of neurons", readable_bytes(forecast.state));
  text += line("  synapses", readable_bytes(forecast.rows()));
  text += line("  arrivals under way", readable_bytes(forecast.arrivals));
  text += line("  recordings", readable_bytes(forecast.recordings));
  text += line("  and for each Hz of mean rate", readable_bytes(forecast.spike_memory_per_hz));
  text += line("results, before compression", readable_bytes(forecast.file));
  text += line("  and for each Hz of mean rate", readable_bytes(forecast.spike_file_per_hz));
  return text + line("memory free now", readable_bytes(available_memory()));
}

}  // namespace ranvier
