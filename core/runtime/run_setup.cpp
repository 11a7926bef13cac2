#include "core/runtime/run_setup.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "core/error.hpp"

namespace ranvier {
namespace {

/// The weight of a device that has one, its own default where none is given.
double weight_of(const StimulusSpec& spec, const StimulusModel& model) {
  const auto declared = std::ranges::find(model.parameters, "weight", &Parameter::name);
  if (declared == model.parameters.end()) return 0.0;
  const auto given = spec.parameters.find("weight");
  return std::get<double>(given == spec.parameters.end()
                              ? declared->default_value
                              : checked(*declared, given->second, spec.name));
}

/// The port of a stimulus: named, the model's own, or chosen by the sign of its weight.
std::size_t port_of(const StimulusSpec& spec, const StimulusModel& model,
                    const NeuronModel& target) {
  const auto& named = spec.port.empty() ? model.default_port : spec.port;
  const double weight = weight_of(spec, model);
  const auto port =
      named.empty() ? port_for(target, std::nullopt, weight) : target.port_index(named);
  check_sign(target, port, weight, "weight of device '" + spec.name + "'");
  return port;
}

}  // namespace

std::vector<ActiveStimulus> make_stimuli(const Network& network, std::uint64_t seed,
                                         const TimeGrid& grid, int digits) {
  std::vector<ActiveStimulus> active;
  for (std::size_t k = 0; k < network.stimuli().size(); ++k) {
    const auto& spec = network.stimuli()[k];
    const auto& model = stimulus_models().at(spec.model);
    const auto population = network.population_index(spec.target);
    const StimulusSetup setup{
        .parameters = spec.parameters,
        .spike_times = spec.spike_times,
        .targets = network.populations()[population].size,
        .random = RandomStream(seed, Purpose::stimulus, static_cast<std::uint32_t>(k)),
        .grid = grid,
        .digits = digits,
        .where = "device '" + spec.name + "'"};
    active.push_back(
        {model.make(setup), population, port_of(spec, model, network.model_of(population))});
  }
  return active;
}

std::vector<ActiveRecorder> make_recorders(const Network& network, const RecordingSpec& spec) {
  std::vector<ActiveRecorder> active;
  for (const auto& state : spec.states) {
    ActiveRecorder recorder{};
    recorder.population = network.population_index(state.population, "a state recorder");
    const auto& population = network.populations()[recorder.population];
    for (const auto& variable : state.variables) {
      recorder.variables.push_back(network.model_of(recorder.population).state_index(variable));
    }
    if (!(state.interval > 0.0) || !std::isfinite(state.interval)) {
      throw InvalidValue(fmt::format(
          "recording interval of population '{}' is {} ms; expected a time greater than 0 ms",
          population.name, state.interval));
    }
    recorder.interval = state.interval;
    recorder.neurons = state.neurons;
    if (recorder.neurons.empty()) {
      recorder.neurons.resize(population.size);
      std::iota(recorder.neurons.begin(), recorder.neurons.end(), NeuronId{0});
    }
    for (const auto neuron : recorder.neurons) {
      if (neuron < population.size) continue;
      throw InvalidValue(
          fmt::format("a state recorder names neuron {} of population '{}'; expected "
                      "a number below its size, {}",
                      neuron, population.name, population.size));
    }
    recorder.data.values.resize(recorder.variables.size());
    active.push_back(std::move(recorder));
  }
  return active;
}

void clear_recordings(std::vector<ActiveRecorder>& recorders) {
  for (auto& recorder : recorders) {
    recorder.data.times.clear();
    for (auto& column : recorder.data.values) column.clear();
  }
}

void save_recordings(const std::vector<ActiveRecorder>& recorders, const std::string& prefix,
                     Archive& archive) {
  for (std::size_t r = 0; r < recorders.size(); ++r) {
    const auto& data = recorders[r].data;
    archive.put(fmt::format("{}/recorder{}/times", prefix, r), data.times);
    for (std::size_t v = 0; v < data.values.size(); ++v) {
      archive.put(fmt::format("{}/recorder{}/values{}", prefix, r, v), data.values[v]);
    }
  }
}

void load_recordings(const Archive& archive, const std::string& prefix,
                     std::vector<ActiveRecorder>& recorders) {
  for (std::size_t r = 0; r < recorders.size(); ++r) {
    auto& data = recorders[r].data;
    data.times = archive.get<std::vector<double>>(fmt::format("{}/recorder{}/times", prefix, r));
    for (std::size_t v = 0; v < data.values.size(); ++v) {
      data.values[v] = archive.get<double>(fmt::format("{}/recorder{}/values{}", prefix, r, v),
                                           data.times.size() * recorders[r].neurons.size());
    }
  }
}

void save_totals(const RunCounters& counters, std::uint64_t digest, const std::string& prefix,
                 Archive& archive) {
  archive.put(prefix + "/totals",
              std::vector<std::uint64_t>{counters.spikes, counters.synaptic_events,
                                         counters.touches, digest});
}

RunCounters load_totals(const Archive& archive, const std::string& prefix, SpikeDigest& digest) {
  const auto& totals = archive.get<std::uint64_t>(prefix + "/totals", 4);
  digest.set(totals[3]);
  return {totals[0], totals[1], totals[2]};
}

template <class Real>
void draw_initial_state(const Network& network, std::size_t population, std::uint64_t seed,
                        PopulationState<Real>& state) {
  const auto& spec = network.populations()[population];
  const auto& model = network.model_of(population);
  for (const auto& [variable, source] : spec.initial) {
    const auto index = model.state_index(variable);
    // Populations and variables share the owner number of the stream.
    const RandomStream stream(seed, Purpose::initial_state,
                              static_cast<std::uint32_t>(population << 8 | index));
    for (std::size_t i = 0; i < state.size; ++i) {
      const double value = source->value(i, stream);
      if (!std::isfinite(value)) {
        throw InvalidValue(fmt::format(
            "initial {} of neuron {} of population '{}' is {}; expected a finite number", variable,
            i, spec.name, value));
      }
      state.columns[index][i] = static_cast<Real>(value);
    }
  }
}

template void draw_initial_state(const Network&, std::size_t, std::uint64_t,
                                 PopulationState<float>&);
template void draw_initial_state(const Network&, std::size_t, std::uint64_t,
                                 PopulationState<double>&);

}  // namespace ranvier
