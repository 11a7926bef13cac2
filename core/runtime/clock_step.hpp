#pragma once

/// The clock runtime's steps: deliver, update, exchange. Included where it is instantiated.

#include <algorithm>
#include <array>
#include <chrono>

#include "core/runtime/clock_runtime.hpp"

namespace ranvier {

/// Alternates between stretches in which every thread serves the worker of its number and stretches
/// in which thread 0 serves all while the others wait.
template <class Real>
void ClockRuntime<Real>::work(Session& session, unsigned thread) {
  const Crew own{.first = thread, .end = thread + 1, .is_all = partition_.workers == 1};
  const Crew all{.first = 0, .end = partition_.workers, .is_all = true};
  Step first = session.first;
  for (bool alone = session.starts_alone; first <= session.stop.load(std::memory_order_relaxed);
       alone = !alone) {
    if (!alone) {
      first = run_stretch(session, first, own);
      continue;
    }
    session.barrier.wait();  // until all are done with their own
    if (thread == 0) {
      session.handover.store(never_handed_over, std::memory_order_relaxed);
      session.resumed = run_stretch(session, first, all);
      session.handover.store(never_handed_over, std::memory_order_relaxed);
    }
    session.barrier.wait();
    first = session.resumed;
  }
}

/// Runs intervals until the run ends or the team changes; returns the first step that was not run.
template <class Real>
Step ClockRuntime<Real>::run_stretch(Session& session, Step first, const Crew& crew) {
  const auto end = [&] {
    return std::min(session.stop.load(std::memory_order_relaxed),
                    session.handover.load(std::memory_order_relaxed));
  };
  for (std::size_t set = 0; first <= end(); set = 1 - set) {
    const Step last = std::min(first + session.interval - 1, end());
    const Interval interval{.first = first, .last = last, .set = set};
    run_interval(session, interval, crew);
    // Only thread 0 looks at the world and the clock, and its verdict is behind the barrier for all.
    if (crew.first == 0) {
      look_around(session, last);
      choose_team(session, interval);
    }
    meet(session, crew);
    if (session.watched) let_agent_decide(session, last, crew);
    for (unsigned w = crew.first; w < crew.end; ++w) {
      guarded(session, [&] { enter_spikes(interval, workers_[w]); });
    }
    first = last + 1;
  }
  return first;
}

template <class Real>
void ClockRuntime<Real>::meet(Session& session, const Crew& crew) {
  if (!crew.is_all) session.barrier.wait();
}

/// Tells the choice of the team, every so often, what steps take, and has the team change after this
/// interval where it says so.
template <class Real>
void ClockRuntime<Real>::choose_team(Session& session, const Interval& interval) {
  constexpr Step steps_between_looks = 16;
  session.unnoted += interval.last - interval.first + 1;
  if (partition_.workers == 1 || session.unnoted < steps_between_looks) return;
  const auto now = std::chrono::steady_clock::now();
  const bool alone = team_.alone();
  team_.note(std::chrono::duration<double>(now - session.noted).count(),
             static_cast<double>(session.unnoted));
  if (team_.alone() != alone) session.handover.store(interval.last, std::memory_order_relaxed);
  session.noted = now;
  session.unnoted = 0;
}

/// Keeps the first exception of any thread; the run ends at the next look around.
template <class Real>
template <class F>
void ClockRuntime<Real>::guarded(Session& session, F&& act) {
  try {
    act();
  } catch (...) {
#pragma omp critical
    if (!session.failure) session.failure = std::current_exception();
    session.failed.store(true, std::memory_order_release);
  }
}

template <class Real>
void ClockRuntime<Real>::run_interval(Session& session, const Interval& interval,
                                      const Crew& crew) {
  for (Step step = interval.first; step <= interval.last; ++step) {
    for (std::size_t level = 0; level < levels_; ++level) {
      if (level > 0) meet(session, crew);
      for (unsigned w = crew.first; w < crew.end; ++w) {
        guarded(session, [&] { run_level(level, interval, step, w); });
      }
    }
    for (unsigned w = crew.first; w < crew.end; ++w) {
      sample(step, w);
      if (settling_ > 0 && step % settling_ == 0) {
        guarded(session, [&] { settle(step, workers_[w]); });
      }
    }
  }
}

/// What one worker does of a step up to the next level: deliveries come before the first.
template <class Real>
void ClockRuntime<Real>::run_level(std::size_t level, const Interval& interval, Step step,
                                   unsigned worker) {
  if (level == 0) deliver_due(step, workers_[worker]);
  for (std::size_t p = 0; p < populations_.size(); ++p) {
    if (populations_[p].level == level) update(p, interval, step, workers_[worker]);
  }
}

/// One step of one population's range: stimuli, zero-delay arrivals, dynamics, notes.
template <class Real>
void ClockRuntime<Real>::update(std::size_t p, const Interval& interval, Step step,
                                ClockWorker<Real>& worker) {
  auto& population = populations_[p];
  const auto range = worker.layout.range(p);
  auto& spikes = worker.spikes[interval.set][interval.slot(step)][p];
  spikes.clear();
  if (population.instantaneous.empty()) {
    // What devices add to a block is still in the first-level cache when its neurons read it.
    for (NeuronRange block = block_at(range.begin, range); block.size() > 0;
         block = block_at(block.end, range)) {
      stimulate(p, block, step, worker);
      population.dynamics->step(
          {block, population.state, population.refractory, worker.arrived, spikes});
    }
  } else {
    stimulate(p, range, step, worker);
    // Their sources stand on lower levels and have been through this step.
    for (const auto bundle : population.instantaneous) {
      deliver_at_once(bundle, interval, step, worker);
    }
    population.dynamics->step(
        {range, population.state, population.refractory, worker.arrived, spikes});
  }
  worker.counters.touches += range.size();
  note_spikes(p, spikes, step, worker);
}

/// The neurons of a range from `first` to the next multiple of the size: devices draw for groups of
/// targets that begin at multiples, and so draw for none twice.
template <class Real>
NeuronRange ClockRuntime<Real>::block_at(NeuronId first, NeuronRange range) {
  constexpr NeuronId size = stimulus_block;
  return {first, std::min(range.end, (first / size + 1) * size)};
}

/// Points the worker's `arrived` at a part of its range of a population and adds the stimuli.
template <class Real>
void ClockRuntime<Real>::stimulate(std::size_t p, NeuronRange part, Step step,
                                   ClockWorker<Real>& worker) const {
  worker.arrived.clear();
  const auto offset = part.begin - worker.layout.range(p).begin;
  for (std::size_t port = 0; port < populations_[p].open.size(); ++port) {
    worker.arrived.push_back(populations_[p].open[port]
                                 ? worker.arrivals.data() + worker.layout.first(p, port) + offset
                                 : worker.nothing.data());
  }
  for (const auto& active : stimuli_) {
    if (active.population == p) {
      active.stimulus->deliver(step, part, worker.arrived[active.port]);
    }
  }
}

template <class Real>
void ClockRuntime<Real>::note_spikes(std::size_t p, const std::vector<NeuronId>& spikes, Step step,
                                     ClockWorker<Real>& worker) const {
  worker.counters.spikes += spikes.size();
  worker.spike_count[p] += spikes.size();
  for (const auto neuron : spikes) {
    worker.digest.add(p, static_cast<std::uint64_t>(step), neuron);
    if (populations_[p].record_spikes) worker.record[p].push_back({step, neuron});
  }
  for (const auto b : populations_[p].plastic) {
    worker.plastic[b]->fire(spikes, worker.layout.range(p).begin, step,
                            populations_[bundles_[b].source].reach);
  }
  const auto reach = static_cast<Step>(populations_[p].reach);
  if (reach == 0) return;
  auto& emitted = worker.emitted[p];
  for (const auto neuron : spikes) emitted.push_back({step, neuron});
  while (!emitted.empty() && emitted.front().step + reach <= step) emitted.pop_front();
}

/// Adds to the arrivals what the calendar has for this step.
template <class Real>
void ClockRuntime<Real>::deliver_due(Step step, ClockWorker<Real>& worker) const {
  constexpr std::size_t ahead = 4;  // pieces; tens of synapses each, or about a memory access
  auto& day = worker.calendar.at(step);
  const auto& due = day.due;
  auto spike = day.spikes.begin();
  for (std::size_t k = 0; k < due.size(); ++k) {
    if (k + ahead < due.size()) {
      const auto& next = due[k + ahead];
      worker.rows[next.bundle].prefetch(next.begin, next.count);
    }
    auto& rows = worker.rows[due[k].bundle];
    if (auto* plastic = worker.plastic[due[k].bundle].get()) {
      const Piece piece{.begin = due[k].begin,
                        .count = due[k].count,
                        .delay = static_cast<std::size_t>(step - spike->emitted)};
      plastic->deliver(rows, piece, *spike++, worker.arrivals.data());
    } else {
      rows.deliver(due[k].begin, due[k].count, worker.arrivals.data());
    }
    worker.counters.synaptic_events += due[k].count;
  }
  day.clear();
}

template <class Real>
void ClockRuntime<Real>::deliver_at_once(std::size_t bundle, const Interval& interval, Step step,
                                         ClockWorker<Real>& worker) const {
  const auto& rows = worker.rows[bundle];
  for (const auto& sender : workers_) {
    for (const auto source :
         sender.spikes[interval.set][interval.slot(step)][bundles_[bundle].source]) {
      rows.for_segments(
          source, [&](std::size_t /*delay*/, std::uint64_t begin, std::uint64_t count) {
            rows.deliver(begin, count, worker.arrivals.data() + rows.shift_of(source));
            worker.counters.synaptic_events += count;
          });
    }
  }
}

/// Enters the spikes of all threads, in order of (emission, bundle, source), in this thread's
/// calendar.
template <class Real>
void ClockRuntime<Real>::enter_spikes(const Interval& interval, ClockWorker<Real>& worker) const {
  for (Step step = interval.first; step <= interval.last; ++step) {
    for (std::size_t b = 0; b < bundles_.size(); ++b) {
      if (bundles_[b].instantaneous) continue;
      for (const auto& sender : workers_) {
        for (const auto source :
             sender.spikes[interval.set][interval.slot(step)][bundles_[b].source]) {
          enter(b, source, step, interval.last, worker);
        }
      }
    }
  }
}

/// Enters the pieces of a row that arrive after the step `now`.
template <class Real>
void ClockRuntime<Real>::enter(std::size_t bundle, NeuronId source, Step emitted, Step now,
                               ClockWorker<Real>& worker) const {
  auto* plastic = worker.plastic[bundle].get();
  PreSpike spike{};
  if (plastic != nullptr) {
    spike = plastic->emit(source, emitted);
    auto& under_way = worker.plastic_under_way[bundle];
    under_way.emplace_back(source, spike);
    const auto reach = static_cast<Step>(populations_[bundles_[bundle].source].reach);
    while (under_way.front().second.emitted + reach < emitted) under_way.pop_front();
  }
  worker.rows[bundle].for_segments(
      source, [&](std::size_t delay, std::uint64_t begin, std::uint64_t count) {
        const Step arrival = emitted + static_cast<Step>(delay);
        if (arrival <= now) return;
        auto& day = worker.calendar.at(arrival);
        day.due.push_back({.begin = begin,
                           .count = static_cast<std::uint32_t>(count),
                           .bundle = static_cast<std::uint32_t>(bundle)});
        if (plastic != nullptr) day.spikes.push_back(spike);
      });
}

template <class Real>
void ClockRuntime<Real>::look_around(Session& session, Step step) {
  guarded(session, [&] { session.was_interrupted = session.polling.interrupted(grid_.ms(step)); });
  if (session.was_interrupted || session.failed.load(std::memory_order_acquire)) {
    session.stop.store(step, std::memory_order_relaxed);
  }
}

/// Called by every thread once all neurons are up to date; one asks, all learn the answer.
template <class Real>
void ClockRuntime<Real>::let_agent_decide(Session& session, Step step, const Crew& crew) {
  if (crew.first == 0) {
    guarded(session, [&] {
      if (session.control.decide(grid_.ms(step))) {
        session.stop.store(step, std::memory_order_relaxed);
      }
    });
  }
  meet(session, crew);
}

/// Rows for all samples of this run, so that threads can write their neurons side by side.
template <class Real>
void ClockRuntime<Real>::prepare_recordings(Step last) {
  for (std::size_t r = 0; r < recorders_.size(); ++r) {
    auto& data = recorders_[r].data;
    for (Step step = (now_ / recorder_steps_[r] + 1) * recorder_steps_[r]; step <= last;
         step += recorder_steps_[r]) {
      data.times.push_back(grid_.ms(step));
    }
    for (auto& column : data.values) {
      column.resize(data.times.size() * recorders_[r].neurons.size());
    }
  }
}

/// Drops the rows of samples that a run which ended early did not take.
template <class Real>
void ClockRuntime<Real>::trim_recordings() {
  for (std::size_t r = 0; r < recorders_.size(); ++r) {
    auto& data = recorders_[r].data;
    const auto taken = static_cast<std::size_t>(now_ / recorder_steps_[r]);
    data.times.resize(std::min(data.times.size(), taken));
    for (auto& column : data.values) {
      column.resize(data.times.size() * recorders_[r].neurons.size());
    }
  }
}

template <class Real>
void ClockRuntime<Real>::sample(Step step, unsigned worker) {
  for (std::size_t r = 0; r < recorders_.size(); ++r) {
    if (step % recorder_steps_[r] != 0) continue;
    auto& recorder = recorders_[r];
    const auto& state = populations_[recorder.population].state;
    const auto range = workers_[worker].layout.range(recorder.population);
    const auto row =
        static_cast<std::size_t>(step / recorder_steps_[r] - 1) * recorder.neurons.size();
    for (std::size_t v = 0; v < recorder.variables.size(); ++v) {
      const auto& column = state.columns[recorder.variables[v]];
      for (std::size_t k = 0; k < recorder.neurons.size(); ++k) {
        const auto neuron = recorder.neurons[k];
        if (neuron < range.begin || neuron >= range.end) continue;
        recorder.data.values[v][row + k] = column[neuron];
      }
    }
  }
}

}  // namespace ranvier
