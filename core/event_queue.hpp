#pragma once

/// Pending events in order of (time, level): a four-ary heap over one contiguous array.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace ranvier {

/// `Event` has members `double time` and `std::uint32_t level`.
template <class Event>
class EventQueue {
 public:
  bool empty() const noexcept { return heap_.empty(); }
  std::size_t size() const noexcept { return heap_.size(); }
  const Event& top() const noexcept { return heap_.front(); }
  const std::vector<Event>& events() const noexcept { return heap_; }
  void clear() noexcept { heap_.clear(); }

  void push(Event event) {
    std::size_t hole = heap_.size();
    heap_.push_back(event);
    while (hole > 0) {
      const std::size_t parent = (hole - 1) / arity;
      if (!earlier(event, heap_[parent])) break;
      heap_[hole] = heap_[parent];
      hole = parent;
    }
    heap_[hole] = event;
  }

  /// Removes all events for which `outdated` holds.
  template <class Outdated>
  void erase_if(Outdated&& outdated) {
    std::erase_if(heap_, outdated);
    for (std::size_t root = parents(); root-- > 0;) sink(root, Event(heap_[root]));
  }

  Event pop() {
    const Event first = heap_.front();
    const Event last = heap_.back();
    heap_.pop_back();
    if (!heap_.empty()) sink(0, last);
    return first;
  }

 private:
  static constexpr std::size_t arity = 4;

  static bool earlier(const Event& a, const Event& b) noexcept {
    return a.time != b.time ? a.time < b.time : a.level < b.level;
  }

  /// How many events have a child.
  std::size_t parents() const noexcept { return (heap_.size() + arity - 2) / arity; }

  /// Fills a hole with `event` or a descendant of the hole that goes before it.
  void sink(std::size_t hole, const Event& event) {
    for (;;) {
      const std::size_t first_child = hole * arity + 1;
      if (first_child >= heap_.size()) break;
      const std::size_t end = std::min(first_child + arity, heap_.size());
      std::size_t best = first_child;
      for (std::size_t child = first_child + 1; child < end; ++child) {
        if (earlier(heap_[child], heap_[best])) best = child;
      }
      if (!earlier(heap_[best], event)) break;
      heap_[hole] = heap_[best];
      hole = best;
    }
    heap_[hole] = event;
  }

  std::vector<Event> heap_;
};

}  // namespace ranvier
