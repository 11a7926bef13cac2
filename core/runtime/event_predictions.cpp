/// Predicted spikes in the queue of the event runtime, and how they are kept few.

#include <algorithm>
#include <array>
#include <vector>

#include "core/runtime/event_runtime.hpp"

namespace ranvier {

/// Predicts the next firing of every neuron of a population.
void EventRuntime::predict(std::size_t p) {
  changed_.clear();
  populations_[p].unpredicted = false;
  populations_[p].dynamics->predict_all(changed_);
  push_predictions(p);
}

void EventRuntime::push_predictions(std::size_t p) {
  constexpr std::size_t many = 16;  // fewer are as well entered one by one
  if (time_.on_grid && changed_.size() >= many) {
    push_by_tick(p);
  } else {
    for (const auto& prediction : changed_) push_prediction(p, prediction);
  }
  predictions_ += changed_.size();
  if (predictions_ > most_predictions_) drop_outdated_predictions();
}

void EventRuntime::push_prediction(std::size_t p, const Prediction& prediction) {
  queue_.push({prediction.time, populations_[p].level, EventKind::firing,
               static_cast<std::uint32_t>(p), prediction.neuron, 0.0, 0});
}

/// Enters those of each of the next ticks as one event, and later ones one by one.
void EventRuntime::push_by_tick(std::size_t p) {
  constexpr std::size_t ticks = 16;
  constexpr auto none = ~std::size_t{0};
  std::array<std::size_t, ticks> list;
  list.fill(none);
  for (const auto& prediction : changed_) {
    const double after = prediction.time - now_ - 1.0;
    if (after >= static_cast<double>(ticks)) {
      push_prediction(p, prediction);
      continue;
    }
    auto& of_tick = list[static_cast<std::size_t>(after)];
    if (of_tick == none) of_tick = lists_.open();
    lists_[of_tick].push_back(prediction.neuron);
  }
  for (std::size_t k = 0; k < ticks; ++k) {
    if (list[k] == none) continue;
    queue_.push({now_ + 1.0 + static_cast<double>(k), populations_[p].level, EventKind::firings,
                 static_cast<std::uint32_t>(p), 0, 0.0, list[k]});
  }
}

/// Marks the neurons whose predictions have come true.
void EventRuntime::take_firings(const Event& event) {
  if (event.kind == EventKind::firing) {
    mark_due(event.owner, {&event.neuron, 1});
  } else {
    mark_due(event.owner, lists_[event.cursor]);
    lists_.release(event.cursor);
  }
}

void EventRuntime::mark_due(std::size_t p, std::span<const NeuronId> neurons) {
  auto& data = populations_[p];
  predictions_ -= neurons.size();
  const bool untouched = data.touched.empty();
  data.dynamics->mark_due(neurons, now_, data.touched);
  if (untouched && !data.touched.empty()) touched_populations_.push_back(p);
}

/// Predictions that were replaced wait in the queue until their time comes, which may be never.
/// Dropping them when they can outnumber the neurons bounds the queue, at a cost per prediction
/// that is constant on average.
void EventRuntime::drop_outdated_predictions() {
  // A neuron that came back to a time it had left has that prediction twice.
  std::vector<std::vector<bool>> met;
  for (const auto& data : populations_) met.emplace_back(data.size);
  const auto is_needless = [&](std::uint32_t p, NeuronId i, double time) {
    if (populations_[p].dynamics->next_firing(i) != time || met[p][i]) return true;
    met[p][i] = true;
    return false;
  };
  queue_.erase_if([&](const Event& event) {
    if (event.kind == EventKind::firing) return is_needless(event.owner, event.neuron, event.time);
    if (event.kind != EventKind::firings) return false;
    auto& neurons = lists_[event.cursor];
    std::erase_if(neurons, [&](NeuronId i) { return is_needless(event.owner, i, event.time); });
    if (!neurons.empty()) return false;
    lists_.release(event.cursor);
    return true;
  });
  count_predictions();
}

void EventRuntime::count_predictions() {
  std::size_t neurons = 0;
  for (const auto& data : populations_) neurons += data.size;
  predictions_ = 0;
  queue_.for_each([&](const Event& event) {
    if (event.kind == EventKind::firing) ++predictions_;
    if (event.kind == EventKind::firings) predictions_ += lists_[event.cursor].size();
  });
  most_predictions_ = predictions_ + neurons;
}

}  // namespace ranvier
