/// The event runtime at work: batch by batch until the end of the run.

#include <algorithm>
#include <bit>
#include <cmath>
#include <span>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/runtime/event_runtime.hpp"
#include "core/runtime/polling.hpp"

namespace ranvier {

void EventRuntime::run_until(double end, const RunControl& control) {
  const double last = time_.on_grid ? static_cast<double>(grid_.exact(end, "the end of the run"))
                                    : time_.ticks(end);
  if (last <= end_) return;
  const auto watched =
      control.decide ? std::optional(network_.population_index(control.watched)) : std::nullopt;
  for (std::size_t p = 0; p < populations_.size(); ++p) {
    if (populations_[p].unpredicted) predict(p);
  }
  Polling polling(control);
  while (!queue_.empty() && queue_.next_time() <= last) {
    sample_before(queue_.next_time());
    const bool watched_was_touched = process_batch(watched);
    if (watched_was_touched && batch_is_last_of(*watched) && control.decide(now())) {
      end_ = now_;
      return;
    }
    if (polling.interrupted(now())) {
      end_ = now_;
      throw Interrupted(fmt::format("the run was stopped at {} ms", now()));
    }
  }
  sample_before(std::nextafter(last, never));
  now_ = last;
  end_ = last;
}

/// Processes all events of the earliest (time, level); says whether `watched` was touched.
bool EventRuntime::process_batch(std::optional<std::size_t> watched) {
  now_ = queue_.next_time();
  queue_.pop_batch(batch_);
  const auto is_predicted = [](const Event& event) {
    return event.kind == EventKind::firing || event.kind == EventKind::firings;
  };
  const auto end = std::partition(batch_.begin(), batch_.end(), is_predicted);
  for (auto at = batch_.begin(); at != end; ++at) take_firings(*at);
  const std::span arrivals(end, batch_.end());
  if (arrivals.size() > 1) std::ranges::sort(arrivals, SummingOrder{bundle_of_});
  for (std::size_t k = 0; k < arrivals.size(); ++k) {
    if (k + 1 < arrivals.size()) prefetch(arrivals[k + 1]);
    take(arrivals[k]);
  }

  std::ranges::sort(touched_populations_);
  bool watched_was_touched = false;
  for (const auto p : touched_populations_) {
    touch_marked(p);
    watched_was_touched |= watched == p;
  }
  touched_populations_.clear();
  return watched_was_touched;
}

/// Whether nothing else can touch the population at the present time.
bool EventRuntime::batch_is_last_of(std::size_t population) const {
  return queue_.empty() || queue_.next_time() > now_ ||
         queue_.next_level() > populations_[population].level;
}

void EventRuntime::prefetch(const Event& event) const {
  if (event.kind == EventKind::row) projections_[event.owner].rows.prefetch(event.cursor);
}

void EventRuntime::take(const Event& event) {
  switch (event.kind) {
    case EventKind::row: take_row(event); break;
    case EventKind::volley: take_volley(event); break;
    case EventKind::stimulus: take_stimulus(event); break;
    case EventKind::firing:
    case EventKind::firings: take_firings(event); break;
  }
}

void EventRuntime::take_stimulus(const Event& event) {
  const auto& active = stimuli_[event.owner];
  auto& target = populations_[active.population];
  target.arrived[active.port * target.size + event.neuron] += event.emitted;
  note_touched(active.population);
  target.touched.mark(event.neuron);
  schedule_next(event.owner, event.neuron, {time_.ms(event.time), event.emitted, event.cursor});
}

/// To be called before a neuron of the population is marked.
void EventRuntime::note_touched(std::size_t p) {
  if (populations_[p].touched.empty()) touched_populations_.push_back(p);
}

/// Touches every marked neuron of a population, in order, and lets those fire that do.
void EventRuntime::touch_marked(std::size_t p) {
  auto& data = populations_[p];
  const auto touched = data.touched.take(touched_);
  counters_.touches += touched.size();
  fired_.clear();
  changed_.clear();
  data.dynamics->touch({.now = now_,
                        .touched = touched,
                        .arrived = data.arrived.data(),
                        .open = data.open,
                        .fired = fired_,
                        .predictions = changed_});
  if (!fired_.empty()) emit(p);
  push_predictions(p);
}

/// Notes the spikes of those of a population that have fired and sends them to their targets.
void EventRuntime::emit(std::size_t p) {
  auto& data = populations_[p];
  data.spike_count += fired_.size();
  counters_.spikes += fired_.size();
  const auto time =
      time_.on_grid ? static_cast<std::uint64_t>(now_) : std::bit_cast<std::uint64_t>(now_);
  for (const auto i : fired_) digest_.add(p, time, i);
  if (data.record_spikes) {
    data.spike_ticks.insert(data.spike_ticks.end(), fired_.size(), now_);
    data.spike_neurons.insert(data.spike_neurons.end(), fired_.begin(), fired_.end());
  }
  for (const auto tract : outgoing_[p]) {
    if (fired_.size() > 1 && tracts_[tract].delay) {
      send_volley(tracts_[tract]);
    } else {
      send_rows(tracts_[tract]);
    }
  }
}

}  // namespace ranvier
