/// The event runtime at work: batch by batch until the end of the run.

#include <algorithm>
#include <bit>
#include <cmath>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/runtime/event_runtime.hpp"
#include "core/runtime/polling.hpp"

namespace ranvier {
namespace {

/// The neuron of a cell; the ports of a target are few, so that counting down beats dividing.
NeuronId neuron_of(std::uint32_t cell, std::uint32_t targets) {
  while (cell >= targets) cell -= targets;
  return cell;
}

/// Adds a piece of a row to the arrivals of its targets and marks them.
void deliver(const EventRows& rows, std::uint64_t begin, std::uint64_t end, std::uint32_t shift,
             EventPopulationData& target) {
  auto* arrived = target.arrived.data() + shift;
  auto& touched = target.touched;
  const auto targets = static_cast<std::uint32_t>(target.size);
  // Cells ascend inside a piece, so that the ends tell whether it keeps to one port.
  const auto first = rows.cell(begin) + shift, last = rows.cell(end - 1) + shift;
  const auto port = first / targets * targets;
  const bool one_port = last - port < targets;
  if (one_port && TouchedSet::is_crowded(end - begin, last - first)) {
    // A byte may lie anywhere, so that a place looked up in the loop would be looked up every time.
    auto* const marks = touched.crowd(first - port, last - port) + shift - port;
    rows.for_synapses(begin, end, [&](std::uint32_t cell, double weight) {
      arrived[cell] += weight;
      marks[cell] = 1;
    });
  } else if (one_port && TouchedSet::is_dense(end - begin, last - first)) {
    touched.cover(first - port, last - port);
    rows.for_synapses(begin, end, [&](std::uint32_t cell, double weight) {
      arrived[cell] += weight;
      touched.mark_within(cell + shift - port);
    });
  } else {
    rows.for_synapses(begin, end, [&](std::uint32_t cell, double weight) {
      arrived[cell] += weight;
      touched.mark(neuron_of(cell + shift, targets));
    });
  }
}

}  // namespace

void EventRuntime::run_until(double end, const RunControl& control) {
  const double last = time_.on_grid ? static_cast<double>(grid_.exact(end, "the end of the run"))
                                    : time_.ticks(end);
  if (last <= end_) return;
  const auto watched =
      control.decide ? std::optional(network_.population_index(control.watched)) : std::nullopt;
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
  if (batch_.size() > 1) std::ranges::sort(batch_, SummingOrder{bundle_of_});
  for (std::size_t k = 0; k < batch_.size(); ++k) {
    if (k + 1 < batch_.size()) prefetch(batch_[k + 1]);
    take(batch_[k]);
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
    case EventKind::stimulus: take_stimulus(event); break;
    case EventKind::firing:
      --predictions_;
      if (!is_outdated(event)) {
        note_touched(event.owner);
        populations_[event.owner].touched.mark(event.neuron);
      }
      break;
  }
}

/// Delivers the synapses of a row that are due now and sends the rest on.
void EventRuntime::take_row(const Event& event) {
  const auto& projection = projections_[event.owner];
  const auto& rows = projection.rows;
  const auto end_of_row = rows.end_of(event.neuron);
  const auto end = rows.end_of_piece(event.cursor, end_of_row);
  note_touched(projection.target);
  deliver(rows, event.cursor, end, rows.shift_of(event.neuron), populations_[projection.target]);
  counters_.synaptic_events += end - event.cursor;
  if (end < end_of_row) send(event.owner, event.neuron, event.emitted, end);
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
  for (const auto i : fired_) emit(p, i);
  push_predictions(p);
}

void EventRuntime::emit(std::size_t p, NeuronId i) {
  auto& data = populations_[p];
  ++data.spike_count;
  ++counters_.spikes;
  digest_.add(
      p, time_.on_grid ? static_cast<std::uint64_t>(now_) : std::bit_cast<std::uint64_t>(now_), i);
  if (data.record_spikes) {
    data.spike_ticks.push_back(now_);
    data.spike_neurons.push_back(i);
  }
  for (const auto projection : outgoing_[p]) {
    const auto& rows = projections_[projection].rows;
    if (rows.begin_of(i) < rows.end_of(i)) send(projection, i, now_, rows.begin_of(i));
  }
}

/// Enters the piece of a row that starts at synapse `cursor`.
void EventRuntime::send(std::uint32_t projection, NeuronId source, double emitted,
                        std::uint64_t cursor) {
  const auto& p = projections_[projection];
  queue_.push({emitted + p.rows.delay(cursor), populations_[p.target].level, EventKind::row,
               projection, source, emitted, cursor});
}

}  // namespace ranvier
