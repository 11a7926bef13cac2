#include "core/simulation.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/rows.hpp"
#include "core/runtime/precision.hpp"
#include "core/suggest.hpp"

namespace ranvier {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::vector<bool> spikes_to_record(const Network& network, const std::vector<std::string>& names) {
  std::vector<bool> record(network.populations().size(), false);
  for (const auto& name : names) record[network.population_index(name, "a spike recorder")] = true;
  return record;
}

std::vector<std::string> names_of_all(const Network& network) {
  std::vector<std::string> names;
  for (const auto& population : network.populations()) names.push_back(population.name);
  return names;
}

/// The synapses of a static projection, drawn once more: they follow from the seed.
SynapseTable drawn_again(const Network& network, std::size_t projection, std::uint64_t seed) {
  const auto& spec = network.projections()[projection];
  const auto targets = network.populations()[network.population_index(spec.target)].size;
  const auto rows =
      build_exact_rows(network, projection, seed, {0, static_cast<NeuronId>(targets)});
  SynapseTable table;
  std::vector<std::uint64_t> row;
  for (NeuronId source = 0; source < rows.sources(); ++source) {
    row.resize(rows.start[source + 1] - rows.start[source]);
    std::iota(row.begin(), row.end(), rows.start[source]);
    const auto target_of = [&](std::uint64_t k) { return rows.cell[k] % targets; };
    std::ranges::stable_sort(row, {}, target_of);
    for (const auto k : row) {
      table.sources.push_back(source);
      table.targets.push_back(static_cast<NeuronId>(target_of(k)));
      table.weights.push_back(rows.weight[k]);
      table.delays.push_back(rows.delay_of(k));
    }
  }
  return table;
}

std::unique_ptr<Runtime> make_runtime(const Network& network, const SimulationOptions& options,
                                      const RecordingSpec& recording) {
  if (options.runtime == "clock") return make_clock_runtime(network, options, recording);
  if (options.runtime == "event") return make_event_runtime(network, options, recording);
  const std::vector<std::string> valid{"clock", "event"};
  throw UnknownName(
      fmt::format("unknown runtime '{}'{}", options.runtime, suggestion(options.runtime, valid)));
}

}  // namespace

Simulation::Simulation(Network network, SimulationOptions options,
                       std::vector<StateRecorderSpec> states)
    : Simulation(std::move(network), std::move(options), std::move(states), {"*"}) {}

Simulation::Simulation(Network network, SimulationOptions options,
                       std::vector<StateRecorderSpec> states,
                       const std::vector<std::string>& spikes_of)
    : network_(std::make_unique<Network>(std::move(network))),
      options_(std::move(options)),
      states_(std::move(states)) {
  const auto start = std::chrono::steady_clock::now();
  if (network_->populations().empty()) {
    throw InvalidValue("the network has no populations; expected at least one");
  }
  options_.precision = precision_of(options_);
  const bool all = spikes_of == std::vector<std::string>{"*"};
  runtime_ = make_runtime(
      *network_, options_,
      {spikes_to_record(*network_, all ? names_of_all(*network_) : spikes_of), states_});
  build_seconds_ = seconds_since(start);
}

void Simulation::run(double duration, const RunControl& control) {
  if (!(duration >= 0.0) || !std::isfinite(duration)) {
    throw InvalidValue(
        fmt::format("duration is {} ms; expected a time of at least 0 ms", duration));
  }
  const auto start = std::chrono::steady_clock::now();
  try {
    runtime_->run_until(now() + duration, control);
  } catch (...) {
    run_seconds_ += seconds_since(start);
    throw;
  }
  run_seconds_ += seconds_since(start);
}

void Simulation::reset() {
  runtime_->reset();
  run_seconds_ = 0.0;
}

double Simulation::now() const { return runtime_->now(); }

SpikeTrain Simulation::spikes(std::string_view population) const {
  return runtime_->spikes(network_->population_index(population));
}

std::uint64_t Simulation::spike_count(std::string_view population) const {
  return runtime_->spike_count(network_->population_index(population));
}

const StateRecording& Simulation::recording(std::size_t recorder) const {
  if (recorder >= states_.size()) {
    throw InvalidValue(fmt::format("there is no state recorder {}; expected a number below {}",
                                   recorder, states_.size()));
  }
  return runtime_->recording(recorder);
}

std::vector<double> Simulation::state(std::string_view population,
                                      std::string_view variable) const {
  const auto p = network_->population_index(population);
  return runtime_->state(p, network_->model_of(p).state_index(variable));
}

void Simulation::set_state(std::string_view population, std::string_view variable,
                           std::span<const double> values) {
  const auto p = network_->population_index(population);
  const auto v = network_->model_of(p).state_index(variable);
  const auto size = network_->populations()[p].size;
  if (values.size() != size) {
    throw InvalidValue(fmt::format("{} values for {} of population '{}'; expected {}",
                                   values.size(), variable, population, size));
  }
  if (!std::ranges::all_of(values, [](double x) { return std::isfinite(x); })) {
    throw InvalidValue(fmt::format("a value for {} of population '{}' is not a finite number",
                                   variable, population));
  }
  runtime_->set_state(p, v, values);
}

SynapseTable Simulation::weights(std::string_view projection) const {
  const auto p = network_->projection_index(projection);
  return network_->projections()[p].plasticity ? runtime_->plastic_weights(p)
                                               : drawn_again(*network_, p, options_.seed);
}

void Simulation::set_weights(std::string_view projection, std::span<const double> values) {
  const auto p = network_->projection_index(projection);
  const auto& plasticity = network_->projections()[p].plasticity;
  if (!plasticity) {
    throw Unsupported(
        fmt::format("weights of projection '{}' cannot be set: it is static, and static weights "
                    "are packed when "
                    "the simulation is made; expected a projection with a plasticity rule",
                    projection));
  }
  const auto bounds = plasticity->weight_bounds();
  const auto bad =
      std::ranges::find_if_not(values, [&](double weight) { return bounds.contains(weight); });
  if (bad != values.end()) {
    throw InvalidValue(fmt::format("weight {} for projection '{}' is {}; {} expects weights {}",
                                   bad - values.begin(), projection, *bad, plasticity->name(),
                                   bounds.describe()));
  }
  runtime_->set_plastic_weights(p, values);
}

void Simulation::set_parameter(std::string_view population, std::string_view parameter,
                               const Value& value) {
  network_->set_parameter(population, parameter, value);
  runtime_->update_parameters(network_->population_index(population));
}

void Simulation::set_parameter(std::string_view population, std::string_view parameter,
                               std::vector<double> per_neuron) {
  network_->set_parameter(population, parameter, std::move(per_neuron));
  runtime_->update_parameters(network_->population_index(population));
}

void Simulation::set_spike_times(std::string_view device, std::vector<std::vector<double>> times) {
  network_->set_spike_times(device, std::move(times));
  runtime_->update_stimuli();
  reset();
}

std::string Simulation::digest() const { return fmt::format("{:016x}", runtime_->digest()); }

std::string Simulation::fingerprint() const {
  std::string text =
      fmt::format("runtime {} resolution {} grid {} seed {} synapses {}", options_.runtime,
                  options_.resolution, options_.on_grid, options_.seed, synapses());
  for (const auto& population : network_->populations()) {
    text += fmt::format("; {} {} {}", population.name, population.model, population.size);
  }
  return text;
}

Archive Simulation::save() const {
  Archive archive;
  archive.put("fingerprint", fingerprint());
  archive.put("precision", options_.precision);
  runtime_->save(archive);
  return archive;
}

void Simulation::load(const Archive& archive) {
  const auto& saved = archive.get<std::string>("fingerprint");
  if (saved != fingerprint()) {
    throw CorruptFile(fmt::format("the checkpoint is of another simulation ({}); this one is {}",
                                  saved, fingerprint()));
  }
  const auto& precision = archive.get<std::string>("precision");
  if (precision != options_.precision) {
    throw CorruptFile(
        fmt::format("the checkpoint is of a run in {} precision and this one is in {}; expected "
                    "precision {}",
                    precision, options_.precision, precision));
  }
  runtime_->load(archive);
}

}  // namespace ranvier
