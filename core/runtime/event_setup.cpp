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
  find_open_ports();
  EventRuntime::reset();
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
    data.dynamics = data.model->make_event(spec.parameters, spec.size, time_);
    data.size = spec.size;
    data.level = static_cast<std::uint32_t>(levels[p]);
    data.arrived.assign(data.model->ports.size() * spec.size, 0.0);
    data.touched = TouchedSet(spec.size);
    data.record_spikes = recording.spikes[p];
    populations_.push_back(std::move(data));
  }
}

void EventRuntime::make_projections() {
  outgoing_.resize(populations_.size());
  bundle_of_.resize(network_.projections().size());
  std::uint32_t number = 0;
  for (const auto& bundle : bundles_of(network_)) {
    for (const auto projection : bundle.projections) bundle_of_[projection] = number;
    ++number;
  }
  for (std::size_t index = 0; index < network_.projections().size(); ++index) {
    const auto& spec = network_.projections()[index];
    const auto target = network_.population_index(spec.target);
    const NeuronRange all{0, static_cast<NeuronId>(populations_[target].size)};
    outgoing_[network_.population_index(spec.source)].push_back(static_cast<std::uint32_t>(index));
    projections_.push_back({target, rows_in_ticks(index, all)});
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
  count_predictions();
  counters_ = {};
  digest_ = {};
  for (std::size_t p = 0; p < populations_.size(); ++p) {
    auto& data = populations_[p];
    auto columns = data.dynamics->rest();
    draw_initial_state(network_, p, options_.seed, columns);
    data.dynamics->assign(columns);
    data.spike_ticks.clear();
    data.spike_neurons.clear();
    data.spike_count = 0;
    predict(p);
  }
  for (std::size_t k = 0; k < stimuli_.size(); ++k) schedule_first(k);
  clear_recordings(recorders_);
}

PopulationFootprint event_footprint(const NeuronModel& model, double neurons) {
  using Data = EventPopulationData;
  // One valid prediction a neuron waits in the queue at least.
  const double waiting = model.spiking ? sizeof(Event) : 0.0;
  return {.state = neurons * static_cast<double>(event_neuron_bytes(model.state.size())),
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
