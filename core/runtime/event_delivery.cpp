/// Spikes on their way in the event runtime: into the queue when neurons fire, and out of it onto
/// their targets.

#include <algorithm>
#include <iterator>
#include <span>

#include "core/runtime/event_runtime.hpp"

namespace ranvier {
namespace {

/// The neuron of a cell; the ports of a target are few, so that counting down beats dividing.
NeuronId neuron_of(std::uint32_t cell, std::uint32_t targets) {
  while (cell >= targets) cell -= targets;
  return cell;
}

/// Adds rows that lead to the same cells to the arrivals of their targets, run by run, and marks
/// those. Together, as every sum is then read and written once; its terms come in order all the same.
template <std::size_t n>
void deliver_runs(const EventRows& rows, std::span<const NeuronId, n> sources,
                  EventPopulationData& target) {
  const auto targets = static_cast<std::uint32_t>(target.size);
  const auto shift = rows.shift_of(sources[0]);
  rows.for_runs(sources, [&](CellRun run, const auto& weights) {
    auto* const arrived = target.arrived.data() + run.first + shift;
    for (std::uint32_t k = 0; k < run.count; ++k) {
      double sum = arrived[k];
      for (const auto& of_source : weights) sum += static_cast<double>(of_source[k]);
      arrived[k] = sum;
    }
    // A run may go on into the next port.
    auto neuron = neuron_of(run.first + shift, targets);
    for (auto left = run.count; left > 0;) {
      const auto marked = std::min(left, targets - neuron);
      target.touched.mark_run(neuron, marked);
      left -= marked;
      neuron = 0;
    }
  });
}

constexpr std::size_t most_together = 4;

/// The same for 1 to `most_together` sources.
void deliver_alike(const EventRows& rows, std::span<const NeuronId> sources,
                   EventPopulationData& target) {
  switch (sources.size()) {
    case 4: return deliver_runs(rows, sources.first<4>(), target);
    case 3: return deliver_runs(rows, sources.first<3>(), target);
    case 2: return deliver_runs(rows, sources.first<2>(), target);
    default: return deliver_runs(rows, sources.first<1>(), target);
  }
}

/// Adds a piece of a row to the arrivals of its targets and marks them.
void deliver_piece(const EventRows& rows, std::uint64_t begin, std::uint64_t end,
                   std::uint32_t shift, EventPopulationData& target) {
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

void EventRuntime::send_rows(const EventTract& tract) {
  for (const auto projection : tract.projections) {
    const auto& rows = projections_[projection].rows;
    for (const auto i : fired_) {
      if (rows.begin_of(i) < rows.end_of(i)) send(projection, i, now_, rows.begin_of(i));
    }
  }
}

/// Enters the piece of a row that starts at synapse `cursor`.
void EventRuntime::send(std::uint32_t projection, NeuronId source, double emitted,
                        std::uint64_t cursor) {
  const auto& p = projections_[projection];
  queue_.push({emitted + p.rows.delay(cursor), populations_[p.target].level, EventKind::row,
               projection, source, emitted, cursor});
}

void EventRuntime::send_volley(const EventTract& tract) {
  const auto has_synapses = [&](NeuronId i) {
    return std::ranges::any_of(tract.projections, [&](std::uint32_t projection) {
      const auto& rows = projections_[projection].rows;
      return rows.begin_of(i) < rows.end_of(i);
    });
  };
  const auto volley = lists_.open();
  std::ranges::copy_if(fired_, std::back_inserter(lists_[volley]), has_synapses);
  if (lists_[volley].empty()) {
    lists_.release(volley);
    return;
  }
  queue_.push({now_ + *tract.delay, populations_[tract.target].level, EventKind::volley,
               tract.projections.front(), 0, now_, volley});
}

/// Delivers the synapses of a row that are due now and sends the rest on.
void EventRuntime::take_row(const Event& event) {
  const auto& rows = projections_[event.owner].rows;
  const auto end = deliver(event.owner, event.neuron, event.cursor);
  if (end < rows.end_of(event.neuron)) send(event.owner, event.neuron, event.emitted, end);
}

void EventRuntime::take_volley(const Event& event) {
  const auto& tract = tracts_[tract_of_[event.owner]];
  const std::span<const NeuronId> sources = lists_[event.cursor];
  note_touched(tract.target);
  if (tract.projections.size() == 1 && projections_[event.owner].rows.has_runs()) {
    deliver_runs_of(event.owner, sources);
  } else {
    for (std::size_t k = 0; k < sources.size(); ++k) {
      for (const auto projection : tract.projections) {
        const auto& rows = projections_[projection].rows;
        if (k + 1 < sources.size()) rows.prefetch(rows.begin_of(sources[k + 1]));
        const auto begin = rows.begin_of(sources[k]);
        if (begin < rows.end_of(sources[k])) deliver(projection, sources[k], begin);
      }
    }
  }
  lists_.release(event.cursor);
}

void EventRuntime::deliver_runs_of(std::uint32_t projection, std::span<const NeuronId> sources) {
  const auto& [target, rows] = projections_[projection];
  while (!sources.empty()) {
    const auto alike = rows.count_alike(sources, most_together);
    deliver_alike(rows, sources.first(alike), populations_[target]);
    counters_.synaptic_events += alike * (rows.end_of(sources[0]) - rows.begin_of(sources[0]));
    sources = sources.subspan(alike);
  }
}

/// Delivers the piece of a row that starts at synapse `begin`; returns its end.
std::uint64_t EventRuntime::deliver(std::uint32_t projection, NeuronId source,
                                    std::uint64_t begin) {
  const auto& [target, rows] = projections_[projection];
  const auto end = rows.end_of_piece(begin, rows.end_of(source));
  note_touched(target);
  if (rows.has_runs()) {
    deliver_alike(rows, {&source, 1}, populations_[target]);
  } else {
    deliver_piece(rows, begin, end, rows.shift_of(source), populations_[target]);
  }
  counters_.synaptic_events += end - begin;
  return end;
}

}  // namespace ranvier
