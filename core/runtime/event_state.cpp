/// The state of the event runtime as seen and set from outside: variables, parameters, samples.

#include <algorithm>

#include "core/runtime/event_runtime.hpp"

namespace ranvier {

std::vector<double> EventRuntime::state(std::size_t population, std::size_t variable) const {
  const auto& data = populations_[population];
  std::vector<double> values(data.size);
  std::vector<double> variables(data.model->state.size());
  for (NeuronId i = 0; i < data.size; ++i) {
    data.dynamics->peek(i, now_, variables.data());
    values[i] = variables[variable];
  }
  return values;
}

void EventRuntime::set_state(std::size_t population, std::size_t variable,
                             std::span<const double> values) {
  changed_.clear();
  populations_[population].unpredicted = false;
  populations_[population].dynamics->set(now_, variable, values, changed_);
  push_predictions(population);
}

void EventRuntime::update_parameters(std::size_t population) {
  auto& data = populations_[population];
  const auto& spec = network_.populations()[population];
  data.dynamics->advance_all(now_);
  const auto columns = data.dynamics->columns();
  data.dynamics = data.model->make_event(spec.parameters, spec.size, time_, false);
  assign(population, columns);
  data.unpredicted = true;
}

/// Puts neurons in place of those there are.
void EventRuntime::assign(std::size_t population, const EventColumns& columns) {
  auto& data = populations_[population];
  const auto is_refractory = [&](const EventNeuron& neuron) {
    return neuron.refractory_until >= neuron.touched;
  };
  if (!data.dynamics->has_refractoriness() && std::ranges::any_of(columns.neurons, is_refractory)) {
    const auto& spec = network_.populations()[population];
    data.dynamics = data.model->make_event(spec.parameters, spec.size, time_, true);
  }
  data.dynamics->assign(columns);
}

SpikeTrain EventRuntime::spikes(std::size_t population) const {
  const auto& data = populations_[population];
  SpikeTrain train;
  train.neurons = data.spike_neurons;
  train.times.reserve(data.spike_ticks.size());
  for (const double tick : data.spike_ticks) train.times.push_back(time_.ms(tick));
  return train;
}

std::size_t EventRuntime::synapses() const {
  std::size_t count = 0;
  for (const auto& projection : projections_) count += projection.rows.size();
  return count;
}

std::size_t EventRuntime::synapse_bytes() const {
  std::size_t bytes = 0;
  for (const auto& projection : projections_) bytes += projection.rows.bytes();
  return bytes;
}

/// Takes the samples that are due before `time`.
void EventRuntime::sample_before(double time) {
  for (auto& recorder : recorders_) {
    const auto& data = populations_[recorder.population];
    std::vector<double> variables(data.model->state.size());
    for (;;) {
      const double due =
          time_.ticks(recorder.interval * static_cast<double>(recorder.data.times.size() + 1));
      if (!(due < time)) break;
      recorder.data.times.push_back(time_.ms(due));
      for (const auto neuron : recorder.neurons) {
        data.dynamics->peek(neuron, due, variables.data());
        for (std::size_t v = 0; v < recorder.variables.size(); ++v) {
          recorder.data.values[v].push_back(variables[recorder.variables[v]]);
        }
      }
    }
  }
}

}  // namespace ranvier
