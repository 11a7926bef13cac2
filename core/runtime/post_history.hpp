#pragma once

/// The recent spikes of a thread's neurons, each with the post trace just after it.

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "core/runtime/decay_table.hpp"
#include "core/runtime/plastic_dynamics.hpp"

namespace ranvier {

/// Newest first, `capacity` places for each neuron, those without a spike at `no_spike`. Steps are
/// kept relative to a base, so that 32 bits do for any run.
template <class Real>
class PostHistory {
 public:
  static constexpr std::int32_t no_spike = -(std::int32_t{1} << 30);
  /// Of the newest spikes there is a second, dense copy: what most questions need, in few lines of the
  /// cache.
  static constexpr std::size_t newest_count = 4;

  explicit PostHistory(std::size_t neurons) : neurons_(neurons) { clear(); }

  void clear() {
    base_ = 0;
    capacity_ = 4;
    steps_.assign(neurons_ * capacity_, no_spike);
    traces_.assign(neurons_ * capacity_, Real{0});
    newest_.assign(neurons_ * newest_count, no_spike);
  }

  std::int32_t relative(Step step) const {
    return static_cast<std::int32_t>(std::max(step - base_, Step{no_spike}));
  }

  const std::int32_t* steps(std::size_t neuron) const { return &steps_[neuron * capacity_]; }
  const Real* traces(std::size_t neuron) const { return &traces_[neuron * capacity_]; }

  /// [neuron][newest_count], newest first.
  const std::int32_t* newest() const { return newest_.data(); }
  std::size_t neurons() const { return neurons_; }

  /// A spike of a neuron. What happened after `needed`, and the last spike up to it, stays; older
  /// spikes make room.
  void add(std::size_t neuron, Step step, Step needed, const DecayTable<Real>& decay) {
    if (steps_[neuron * capacity_ + capacity_ - 2] > relative(needed)) grow();
    auto* steps = &steps_[neuron * capacity_];
    auto* traces = &traces_[neuron * capacity_];
    const auto now = relative(step);
    const Real trace = traces[0] * decay(now - steps[0]) + Real{1};
    std::copy_backward(steps, steps + capacity_ - 1, steps + capacity_);
    std::copy_backward(traces, traces + capacity_ - 1, traces + capacity_);
    steps[0] = now;
    traces[0] = trace;
    copy_newest(neuron);
  }

  /// Forgets what happened up to `needed` but the last of it, and counts steps from `base`.
  void trim(Step needed, Step base) {
    const auto old = relative(needed);
    const auto shift = base - base_;
    for (std::size_t j = 0; j < neurons_; ++j) {
      auto* steps = &steps_[j * capacity_];
      bool needs_no_more = false;
      for (std::size_t k = 0; k < capacity_ && steps[k] != no_spike; ++k) {
        const bool last = steps[k] <= old;
        steps[k] = needs_no_more
                       ? no_spike
                       : static_cast<std::int32_t>(std::max(steps[k] - shift, Step{no_spike}));
        needs_no_more = needs_no_more || last;
      }
      copy_newest(j);
    }
    base_ = base;
  }

  std::vector<PostSpike> spikes(std::size_t neuron) const {
    std::vector<PostSpike> list;
    for (std::size_t k = 0; k < capacity_ && steps(neuron)[k] != no_spike; ++k) {
      list.push_back({base_ + steps(neuron)[k], static_cast<double>(traces(neuron)[k])});
    }
    return list;
  }

  void set_spikes(std::size_t neuron, std::span<const PostSpike> newest_first) {
    while (capacity_ < newest_first.size() + 1) grow();
    for (std::size_t k = 0; k < capacity_; ++k) {
      const bool is_spike = k < newest_first.size();
      steps_[neuron * capacity_ + k] = is_spike ? relative(newest_first[k].step) : no_spike;
      traces_[neuron * capacity_ + k] =
          is_spike ? static_cast<Real>(newest_first[k].trace) : Real{0};
    }
    copy_newest(neuron);
  }

  std::size_t bytes() const {
    return (steps_.size() + newest_.size()) * sizeof(std::int32_t) + traces_.size() * sizeof(Real);
  }

 private:
  void copy_newest(std::size_t neuron) {
    std::copy_n(steps(neuron), newest_count, &newest_[neuron * newest_count]);
  }

  void grow() {
    const auto old = capacity_;
    capacity_ *= 2;
    std::vector<std::int32_t> steps(neurons_ * capacity_, no_spike);
    std::vector<Real> traces(neurons_ * capacity_, Real{0});
    for (std::size_t j = 0; j < neurons_; ++j) {
      std::copy_n(&steps_[j * old], old, &steps[j * capacity_]);
      std::copy_n(&traces_[j * old], old, &traces[j * capacity_]);
    }
    steps_ = std::move(steps);
    traces_ = std::move(traces);
  }

  std::size_t neurons_;
  std::size_t capacity_ = 0;  ///< a power of two, at least 4
  Step base_ = 0;
  std::vector<std::int32_t> steps_;
  std::vector<std::int32_t> newest_;
  std::vector<Real> traces_;
};

}  // namespace ranvier
