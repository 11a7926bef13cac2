#include "experiments/simulate/forecast.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include <fmt/format.h>

#include "core/bundle.hpp"
#include "core/files/sonata.hpp"
#include "core/runtime/event_rows.hpp"
#include "core/runtime/footprint.hpp"
#include "core/runtime/packed_rows.hpp"
#include "core/runtime/precision.hpp"
#include "core/synapse_drawer.hpp"
#include "experiments/memory.hpp"

namespace ranvier {
namespace {

/// Of states, sums and plastic weights.
std::size_t value_bytes(const SimulationPlan& plan) {
  return precision_of(plan.options) == "single" ? sizeof(float) : sizeof(double);
}

/// The chance of each delay, in steps, of a projection's synapses. The keys of a rule are not known
/// before it draws, so the first ones stand for all.
std::map<Step, double> delay_chances(const SimulationPlan& plan, std::size_t projection) {
  const auto& delay = *plan.network.projections()[projection].delay;
  const TimeGrid grid(plan.options.resolution);
  const RandomStream stream(plan.options.seed, Purpose::delay,
                            static_cast<std::uint32_t>(projection));
  constexpr std::uint64_t most_draws = 100000;
  const auto draws = delay.constant() ? 1 : std::min(most_draws, delay.size().value_or(most_draws));
  std::map<Step, double> chances;
  for (std::uint64_t key = 0; key < draws; ++key) {
    chances[grid.nearest(delay.value(key, stream))] += 1.0 / static_cast<double>(draws);
  }
  return chances;
}

/// How many pieces of equal delay a row of a bundle will have on average; 0 where all delays are
/// equal. `per_row`: how many synapses of each of its projections.
double segments_of_a_row(const SimulationPlan& plan, const Bundle& bundle,
                         const std::vector<double>& per_row) {
  std::map<Step, double> absent;  // chance that a row has no synapse of this delay
  for (std::size_t k = 0; k < per_row.size(); ++k) {
    for (const auto& [step, chance] : delay_chances(plan, bundle.projections[k])) {
      absent.try_emplace(step, 1.0).first->second *= std::pow(1.0 - chance, per_row[k]);
    }
  }
  if (absent.size() == 1) return 0.0;
  return std::accumulate(absent.begin(), absent.end(), 0.0,
                         [](double sum, const auto& delay) { return sum + 1.0 - delay.second; });
}

/// Of the clock runtime. Every thread has rows of its own, from all sources.
double bundle_bytes(const SimulationPlan& plan, const Forecast& forecast, const Bundle& bundle,
                    unsigned threads) {
  const auto sources = static_cast<double>(plan.network.populations()[bundle.source].size);
  double synapses = 0.0, cells = 0.0;
  std::vector<double> per_row;
  for (const auto p : bundle.projections) {
    const auto target = plan.network.population_index(plan.network.projections()[p].target);
    synapses += forecast.projections[p].synapses;
    cells += static_cast<double>(plan.network.populations()[target].size) / threads;
    per_row.push_back(forecast.projections[p].synapses / sources / threads);
  }
  // A drawn weight may lead to any port, so that more cells may be needed than there are targets.
  constexpr double narrow_cells = 65536.0;
  const double cell_bytes = cells <= narrow_cells ? sizeof(std::uint16_t) : sizeof(std::uint32_t);
  const double weight_bytes = bundle.storage == WeightStorage::common    ? 0.0
                              : bundle.storage == WeightStorage::plastic ? value_bytes(plan)
                                                                         : sizeof(float);
  const double segments = sources * segments_of_a_row(plan, bundle, per_row);
  return threads *
         PackedRows::bytes_of(sources, synapses / threads, cell_bytes, weight_bytes, segments);
}

double row_bytes(const SimulationPlan& plan, const Forecast& forecast, unsigned threads) {
  double bytes = 0.0;
  if (plan.options.runtime == "event") {
    for (std::size_t p = 0; p < forecast.projections.size(); ++p) {
      const auto& spec = plan.network.projections()[p];
      const auto source = plan.network.population_index(spec.source);
      const auto sources = static_cast<double>(plan.network.populations()[source].size);
      // A drawn weight is stored as a float; a listed one may need a double.
      const double weight_bytes = spec.weight->constant() ? 0.0 : sizeof(float);
      const double own_delay = plan.options.on_grid ? sizeof(std::uint16_t) : sizeof(double);
      bytes += EventRows::bytes_of(sources, forecast.projections[p].synapses, weight_bytes,
                                   spec.delay->constant() ? 0.0 : own_delay);
    }
    return bytes;
  }
  for (const auto& bundle : bundles_of(plan.network)) {
    bytes += bundle_bytes(plan, forecast, bundle, threads);
  }
  return bytes;
}

void add_projections(const SimulationPlan& plan, unsigned threads, Forecast& forecast) {
  for (std::size_t p = 0; p < plan.network.projections().size(); ++p) {
    const auto& spec = plan.network.projections()[p];
    const double synapses =
        spec.rule->expected_synapses(connection_problem(plan.network, p, plan.options.seed));
    forecast.projections.push_back({spec.name, synapses});
    if (std::ranges::find(plan.weights_of, spec.name) == plan.weights_of.end()) continue;
    forecast.recordings += synapses * bytes_per_edge;
    forecast.file += synapses * bytes_per_edge;
  }
  forecast.rows = row_bytes(plan, forecast, threads);
}

void add_populations(const SimulationPlan& plan, Forecast& forecast) {
  const bool event = plan.options.runtime == "event";
  for (const auto& population : plan.network.populations()) {
    const auto& model = neuron_models().at(population.model);
    const auto size = static_cast<double>(population.size);
    const auto footprint =
        event ? event_footprint(model, size) : clock_footprint(model, size, value_bytes(plan));
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

}  // namespace

std::string forecast_line(std::string_view name, std::string_view value) {
  return fmt::format("{:<34} {:>16}\n", name, value);
}

double Forecast::synapses() const {
  return std::accumulate(projections.begin(), projections.end(), 0.0,
                         [](double sum, const auto& p) { return sum + p.synapses; });
}

double Forecast::memory() const { return state + rows + arrivals + recordings; }

Forecast forecast_of(const SimulationPlan& plan, unsigned threads) {
  Forecast forecast;
  add_projections(plan, threads, forecast);
  add_populations(plan, forecast);
  add_recordings(plan, forecast);
  return forecast;
}

std::string to_text(const Forecast& forecast) {
  std::string text = forecast_line("neurons", fmt::format("{:.0f}", forecast.neurons));
  text += forecast_line("synapses, expected", fmt::format("{:.0f}", forecast.synapses()));
  for (const auto& projection : forecast.projections) {
    text += forecast_line("  " + projection.name, fmt::format("{:.0f}", projection.synapses));
  }
  text += forecast_line("memory, at least", readable_bytes(forecast.memory()));
  text += forecast_line("  state of neurons", readable_bytes(forecast.state));
  text += forecast_line("  synapses", readable_bytes(forecast.rows));
  text += forecast_line("  arrivals under way", readable_bytes(forecast.arrivals));
  text += forecast_line("  recordings", readable_bytes(forecast.recordings));
  text +=
      forecast_line("  and for each Hz of mean rate", readable_bytes(forecast.spike_memory_per_hz));
  text += forecast_line("results, before compression", readable_bytes(forecast.file));
  text +=
      forecast_line("  and for each Hz of mean rate", readable_bytes(forecast.spike_file_per_hz));
  return text + forecast_line("memory free now", readable_bytes(available_memory()));
}

}  // namespace ranvier
