/// Predicted spikes in the queue of the event runtime, and how they are kept few.

#include "core/runtime/event_runtime.hpp"

namespace ranvier {

/// Predicts the next firing of every neuron of a population.
void EventRuntime::predict(std::size_t p) {
  changed_.clear();
  populations_[p].dynamics->predict_all(changed_);
  push_predictions(p);
}

void EventRuntime::push_predictions(std::size_t p) {
  const auto level = populations_[p].level;
  for (const auto& prediction : changed_) {
    queue_.push({prediction.time, level, EventKind::firing, static_cast<std::uint32_t>(p),
                 prediction.neuron, 0.0, prediction.version});
  }
  predictions_ += changed_.size();
  if (predictions_ > most_predictions_) drop_outdated_predictions();
}

bool EventRuntime::is_outdated(const Event& event) const {
  return event.kind == EventKind::firing &&
         event.cursor != populations_[event.owner].dynamics->version(event.neuron);
}

/// Predictions that were replaced wait in the queue until their time comes, which may be never.
/// Dropping them when they can outnumber the neurons bounds the queue, at a cost per prediction
/// that is constant on average.
void EventRuntime::drop_outdated_predictions() {
  queue_.erase_if([&](const Event& event) { return is_outdated(event); });
  count_predictions();
}

void EventRuntime::count_predictions() {
  std::size_t neurons = 0;
  for (const auto& data : populations_) neurons += data.size;
  predictions_ = 0;
  queue_.for_each([&](const Event& event) { predictions_ += event.kind == EventKind::firing; });
  most_predictions_ = predictions_ + neurons;
}

}  // namespace ranvier
