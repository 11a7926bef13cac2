/// What the event runtime makes from a network before time starts.

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/bundle.hpp"
#include "core/error.hpp"
#include "core/rows.hpp"
#include "core/runtime/event_runtime.hpp"
#include "core/runtime/footprint.hpp"

namespace ranvier {

EventRuntime::EventRuntime(const Network& network, const SimulationOptions& options,
                           const RecordingSpec& recording)
    : network_(network),
      options_(options),
      grid_(options.resolution),
      time_{.tick = options.on_grid ? options.resolution : 1.0, .on_grid = options.on_grid},
      recorders_(make_recorders(network, recording)) {
  if (time_.on_grid) {
    for (const auto& recorder : recorders_) grid_.exact(recorder.interval, "recording interval");
  }
  EventRuntime::update_stimuli();
  make_populations(recording);
  make_projections();
  make_tracts();
  find_open_ports();
  for (std::size_t p = 0; p < populations_.size(); ++p) start_over(p);
  count_predictions();
  schedule_all();
}

void EventRuntime::make_populations(const RecordingSpec& recording) {
  const auto levels = levels_of(network_);
  for (std::size_t p = 0; p < network_.populations().size(); ++p) {
    const auto& spec = network_.populations()[p];
    EventPopulationData data;
    data.model = &network_.model_of(p);
    if (!data.model->make_event) {
      throw Unsupported(
          fmt::format("model {} of population '{}' has no threshold crossing to look ahead to and "
                      "runs in the clock runtime only",
                      data.model->name, spec.name));
    }
    data.dynamics = data.model->make_event(spec.parameters, spec.size, time_, false);
    data.size = spec.size;
    data.level = static_cast<std::uint32_t>(levels[p]);
    data.arrived.assign(data.model->ports.size() * spec.size, 0.0);
    data.touched = TouchedSet(spec.size);
    data.record_spikes = recording.spikes[p];
    populations_.push_back(std::move(data));
  }
}

void EventRuntime::make_projections() {
  for (std::size_t index = 0; index < network_.projections().size(); ++index) {
    const auto& spec = network_.projections()[index];
    const auto target = network_.population_index(spec.target);
    const NeuronRange all{0, static_cast<NeuronId>(populations_[target].size)};
    projections_.push_back({target, rows_in_ticks(index, all)});
  }
}

void EventRuntime::make_tracts() {
  outgoing_.resize(populations_.size());
  bundle_of_.resize(projections_.size());
  tract_of_.resize(projections_.size());
  std::uint32_t number = 0;
  for (const auto& bundle : bundles_of(network_)) {
    const auto first = tracts_.size();
    for (const auto index : bundle.projections) {
      const auto target = projections_[index].target;
      auto tract = first;
      while (tract < tracts_.size() && tracts_[tract].target != target) ++tract;
      if (tract == tracts_.size()) {
        tracts_.push_back({target, {}, projections_[index].rows.common_delay()});
        outgoing_[bundle.source].push_back(tract);
      }
      auto& [same_target, projections, delay] = tracts_[tract];
      projections.push_back(static_cast<std::uint32_t>(index));
      if (projections_[index].rows.common_delay() != delay) delay.reset();
      bundle_of_[index] = number;
      tract_of_[index] = tract;
    }
    ++number;
  }
}

EventRows EventRuntime::rows_in_ticks(std::size_t index, NeuronRange targets) const {
  if (time_.on_grid) {
    return EventRows(build_grid_rows(network_, index, options_.seed, targets, grid_));
  }
  return EventRows(build_exact_rows(network_, index, options_.seed, targets));
}

void EventRuntime::find_open_ports() {
  for (std::size_t p = 0; p < populations_.size(); ++p) {
    auto& data = populations_[p];
    for (std::size_t port = 0; port < data.model->ports.size(); ++port) {
      const auto first = static_cast<std::uint32_t>(port * data.size);
      const auto last = static_cast<std::uint32_t>(first + data.size);
      const bool open =
          std::ranges::any_of(stimuli_,
                              [&](const auto& s) { return s.population == p && s.port == port; }) ||
          std::ranges::any_of(projections_, [&](const auto& projection) {
            return projection.target == p && projection.rows.reaches(first, last);
          });
      if (open) data.open.push_back(port);
    }
  }
}

void EventRuntime::reset() {
  now_ = 0.0;
  end_ = 0.0;
  queue_.clear();
  lists_.clear();
  count_predictions();
  counters_ = {};
  digest_ = {};
  for (std::size_t p = 0; p < populations_.size(); ++p) {
    auto& data = populations_[p];
    if (data.dynamics->back_to_start()) {
      data.unpredicted = true;
    } else {
      start_over(p);
      data.dynamics->keep_as_start();
    }
    data.spike_ticks.clear();
    data.spike_neurons.clear();
    data.spike_count = 0;
  }
  schedule_all();
  clear_recordings(recorders_);
}

/// Puts a population into its initial state.
void EventRuntime::start_over(std::size_t p) {
  auto& data = populations_[p];
  auto columns = data.dynamics->rest();
  draw_initial_state(network_, p, options_.seed, columns);
  data.dynamics->assign(columns);
  data.unpredicted = true;
}

void EventRuntime::schedule_all() {
  for (std::size_t k = 0; k < stimuli_.size(); ++k) schedule_first(k);
}

PopulationFootprint event_footprint(const NeuronModel& model, double neurons) {
  using Data = EventPopulationData;
  // One valid prediction a neuron waits in the queue at least.
  const double waiting = model.spiking ? sizeof(Event) : 0.0;
  return {
      .state = neurons * static_cast<double>(event_neuron_bytes(model.state.size(), model.spiking)),
      .arrivals = neurons * (static_cast<double>(model.ports.size()) *
                                 sizeof(decltype(Data::arrived)::value_type) +
                             waiting) +
                  TouchedSet::bytes_of(neurons),
      .per_spike = sizeof(decltype(Data::spike_ticks)::value_type) + sizeof(NeuronId)};
}

std::unique_ptr<Runtime> make_event_runtime(const Network& network,
                                            const SimulationOptions& options,
                                            const RecordingSpec& recording) {
  for (const auto& projection : network.projections()) {
    if (!projection.plasticity) continue;
    throw Unsupported(fmt::format(
        "projection '{}' is plastic ({}), and the event runtime changes no weights; expected "
        "runtime clock",
        projection.name, projection.plasticity->name()));
  }
  return std::make_unique<EventRuntime>(network, options, recording);
}

}  // namespace ranvier
