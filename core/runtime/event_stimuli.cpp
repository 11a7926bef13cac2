/// Stimuli in the event runtime: each target of a device has its next arrival in the queue.

#include <algorithm>
#include <limits>

#include "core/runtime/event_runtime.hpp"

namespace ranvier {

void EventRuntime::update_stimuli() {
  stimuli_ = make_stimuli(network_, options_.seed, grid_, std::numeric_limits<double>::digits);
}

void EventRuntime::schedule_first(std::size_t stimulus) {
  const auto targets = populations_[stimuli_[stimulus].population].size;
  for (NeuronId i = 0; i < targets; ++i) {
    schedule_next(static_cast<std::uint32_t>(stimulus), i, {-never, 0.0, 0});
  }
}

void EventRuntime::schedule_next(std::uint32_t stimulus, NeuronId target, const Arrival& previous) {
  const auto& active = stimuli_[stimulus];
  const auto next = time_.on_grid ? next_on_grid(*active.stimulus, target, previous)
                                  : active.stimulus->next(target, previous);
  if (!(next.time < never)) return;
  queue_.push({time_.ticks(next.time), populations_[active.population].level, EventKind::stimulus,
               stimulus, target, next.amount, next.ordinal});
}

Arrival EventRuntime::next_on_grid(const Stimulus& stimulus, NeuronId target,
                                   const Arrival& previous) const {
  // Beyond this span a silent device is looked at again when the run gets there.
  constexpr Step longest_look = 100000;
  const Step after = previous.time < 0.0 ? 0 : grid_.nearest(previous.time);
  const Step last = after + longest_look;
  const Step step = std::min(stimulus.next_step(target, after, last), last);
  return {grid_.ms(step), stimulus.amount(target, step), previous.ordinal + 1};
}

}  // namespace ranvier
