/// The event runtime in a checkpoint: neurons, and all pending events.

#include <fmt/format.h>

#include "core/runtime/event_runtime.hpp"

namespace ranvier {

void EventRuntime::save(Archive& archive) const {
  archive.put("event/time", std::vector<double>{now_, end_});
  for (std::size_t p = 0; p < populations_.size(); ++p) save_population(p, archive);
  save_queue(archive);
  save_recordings(recorders_, "event", archive);
  save_totals(counters_, digest_.value(), "event", archive);
}

void EventRuntime::load(const Archive& archive) {
  const auto& time = archive.get<double>("event/time", 2);
  now_ = time[0];
  end_ = time[1];
  for (std::size_t p = 0; p < populations_.size(); ++p) load_population(p, archive);
  load_queue(archive);
  load_recordings(archive, "event", recorders_);
  counters_ = load_totals(archive, "event", digest_);
}

void EventRuntime::save_population(std::size_t p, Archive& archive) const {
  const auto& data = populations_[p];
  const auto prefix = fmt::format("event/population{}/", p);
  const auto columns = data.dynamics->columns();
  for (std::size_t v = 0; v < columns.columns.size(); ++v) {
    archive.put(prefix + data.model->state[v].name, columns.columns[v]);
  }
  std::vector<double> touched, refractory_until, next_firing;
  for (const auto& neuron : columns.neurons) {
    touched.push_back(neuron.touched);
    refractory_until.push_back(neuron.refractory_until);
    next_firing.push_back(neuron.next_firing);
  }
  archive.put(prefix + "touched", std::move(touched));
  archive.put(prefix + "refractory_until", std::move(refractory_until));
  archive.put(prefix + "next_firing", std::move(next_firing));
  if (data.unpredicted) archive.put(prefix + "unpredicted", std::vector<std::uint64_t>{1});
  archive.put(prefix + "spike_ticks", data.spike_ticks);
  archive.put(prefix + "spike_neurons", data.spike_neurons);
  archive.put(prefix + "spike_count", std::vector<std::uint64_t>{data.spike_count});
}

void EventRuntime::load_population(std::size_t p, const Archive& archive) {
  auto& data = populations_[p];
  const auto prefix = fmt::format("event/population{}/", p);
  auto columns = data.dynamics->rest();
  const auto n = columns.size;
  for (std::size_t v = 0; v < columns.columns.size(); ++v) {
    columns.columns[v] = archive.get<double>(prefix + data.model->state[v].name, n);
  }
  const auto& touched = archive.get<double>(prefix + "touched", n);
  const auto& refractory_until = archive.get<double>(prefix + "refractory_until", n);
  const auto& next_firing = archive.get<double>(prefix + "next_firing", n);
  for (std::size_t i = 0; i < n; ++i) {
    columns.neurons[i] = {touched[i], refractory_until[i], next_firing[i]};
  }
  assign(p, columns);
  // Others keep what was predicted: anew, from an earlier touch and by other parameters, it might
  // lie in the past.
  data.unpredicted = archive.arrays().contains(prefix + "unpredicted");
  data.spike_ticks = archive.get<std::vector<double>>(prefix + "spike_ticks");
  data.spike_neurons =
      archive.get<std::uint32_t>(prefix + "spike_neurons", data.spike_ticks.size());
  data.spike_count = archive.get<std::uint64_t>(prefix + "spike_count", 1)[0];
}

/// Calls `use` with an event, or with every row or prediction of one that has a list.
template <class Use>
void EventRuntime::for_singles(const Event& event, const Use& use) const {
  if (event.kind == EventKind::firings) {
    for (const auto neuron : lists_[event.cursor]) {
      use({event.time, event.level, EventKind::firing, event.owner, neuron, 0.0, 0});
    }
  } else if (event.kind == EventKind::volley) {
    for (const auto source : lists_[event.cursor]) {
      for (const auto projection : tracts_[tract_of_[event.owner]].projections) {
        const auto& rows = projections_[projection].rows;
        const auto begin = rows.begin_of(source);
        if (begin == rows.end_of(source)) continue;
        use({event.time, event.level, EventKind::row, projection, source, event.emitted, begin});
      }
    }
  } else {
    use(event);
  }
}

void EventRuntime::save_queue(Archive& archive) const {
  std::vector<double> times, emitted;
  std::vector<std::uint32_t> words;
  std::vector<std::uint64_t> cursors;
  const auto put = [&](const Event& e) {
    times.push_back(e.time);
    emitted.push_back(e.emitted);
    cursors.push_back(e.cursor);
    words.insert(words.end(), {e.level, static_cast<std::uint32_t>(e.kind), e.owner, e.neuron});
  };
  queue_.for_each([&](const Event& e) { for_singles(e, put); });
  archive.put("event/queue/time", std::move(times));
  archive.put("event/queue/emitted", std::move(emitted));
  archive.put("event/queue/progress", std::move(cursors));
  archive.put("event/queue/words", std::move(words));
}

void EventRuntime::load_queue(const Archive& archive) {
  queue_.clear();
  lists_.clear();
  const auto& times = archive.get<std::vector<double>>("event/queue/time");
  const auto& emitted = archive.get<double>("event/queue/emitted", times.size());
  const auto& cursors = archive.get<std::uint64_t>("event/queue/progress", times.size());
  const auto& words = archive.get<std::uint32_t>("event/queue/words", 4 * times.size());
  for (std::size_t k = 0; k < times.size(); ++k) {
    const auto* word = words.data() + 4 * k;
    queue_.push({times[k], word[0], static_cast<EventKind>(word[1]), word[2], word[3], emitted[k],
                 cursors[k]});
  }
  count_predictions();
}

}  // namespace ranvier
