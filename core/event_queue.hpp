#pragma once

/// Pending events in order of (time, level): a radix heap on the bits of the time.
///
/// Times that are not negative are ordered as their bits are. An event waits in the bucket that is
/// numbered by the highest bit in which its time differs from the time popped last; when the buckets
/// below are empty, the lowest filled one is dealt out among them. An event only ever moves down, so
/// that it is touched at most once a bit, and in sequence, where a heap jumps.
///
/// Source: Ahuja, Mehlhorn, Orlin & Tarjan 1990, J. ACM 37:213-223 (one-level radix heap).

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace ranvier {

/// `Event` has members `double time` and `std::uint32_t level`. A time is at least zero and at least
/// the time of the batch popped last.
template <class Event>
class EventQueue {
 public:
  EventQueue() { forget(); }

  bool empty() const noexcept { return size_ == 0; }
  std::size_t size() const noexcept { return size_; }

  /// Time of the earliest event; the queue must not be empty.
  double next_time() const noexcept { return std::bit_cast<double>(least_[lowest()]); }

  /// The lowest level of the events at `next_time`.
  std::uint32_t next_level() const noexcept {
    const double time = next_time();
    auto level = std::numeric_limits<std::uint32_t>::max();
    for (const auto& event : buckets_[lowest()]) {
      if (event.time == time) level = std::min(level, event.level);
    }
    return level;
  }

  void push(const Event& event) {
    assert(event.time >= std::bit_cast<double>(last_));
    put(event);
    ++size_;
  }

  /// Replaces `batch` with all events of the earliest (time, level), in no particular order, and
  /// removes them.
  void pop_batch(std::vector<Event>& batch) {
    batch.clear();
    if (buckets_[0].empty()) deal_out(lowest());
    auto& present = buckets_[0];
    const auto level = std::ranges::min_element(present, {}, &Event::level)->level;
    const auto rest = std::partition(present.begin(), present.end(),
                                     [&](const Event& event) { return event.level != level; });
    batch.assign(rest, present.end());
    present.erase(rest, present.end());
    size_ -= batch.size();
    if (present.empty()) mark_empty(0);
  }

  /// Removes and returns one event of the earliest (time, level).
  Event pop() {
    if (buckets_[0].empty()) deal_out(lowest());
    auto& present = buckets_[0];
    const auto first = std::ranges::min_element(present, {}, &Event::level);
    const Event event = *first;
    *first = present.back();
    present.pop_back();
    --size_;
    if (present.empty()) mark_empty(0);
    return event;
  }

  /// Removes all events for which `outdated` holds.
  template <class Outdated>
  void erase_if(Outdated&& outdated) {
    std::vector<Event> kept;
    kept.reserve(size_);
    for_each([&](const Event& event) {
      if (!outdated(event)) kept.push_back(event);
    });
    const auto last = last_;
    clear();
    last_ = last;
    for (const auto& event : kept) push(event);
  }

  /// Calls `use` with every event, in no particular order.
  template <class Use>
  void for_each(Use&& use) const {
    for (const auto& bucket : buckets_) {
      for (const auto& event : bucket) use(event);
    }
  }

  /// Empties the queue and goes back to time zero.
  void clear() noexcept {
    for (auto& bucket : buckets_) bucket.clear();
    forget();
  }

 private:
  static constexpr std::uint64_t none = ~std::uint64_t{0};

  /// The sign bit of a time is never set: 63 bits can differ.
  using Buckets = std::array<std::vector<Event>, 64>;

  void forget() noexcept {
    least_.fill(none);
    filled_ = 0;
    last_ = 0;
    size_ = 0;
  }

  std::size_t lowest() const noexcept {
    return static_cast<std::size_t>(std::countr_zero(filled_));
  }

  void mark_empty(std::size_t bucket) noexcept {
    least_[bucket] = none;
    filled_ &= ~(std::uint64_t{1} << bucket);
  }

  void put(const Event& event) {
    // Adding zero makes minus zero plus zero.
    const auto time = std::bit_cast<std::uint64_t>(event.time + 0.0);
    const auto bucket = static_cast<std::size_t>(std::bit_width(time ^ last_));
    buckets_[bucket].push_back(event);
    least_[bucket] = std::min(least_[bucket], time);
    filled_ |= std::uint64_t{1} << bucket;
  }

  /// Moves on to the earliest time of a bucket and puts its events into those below.
  void deal_out(std::size_t bucket) {
    last_ = least_[bucket];
    dealt_.swap(buckets_[bucket]);
    mark_empty(bucket);
    for (const auto& event : dealt_) put(event);
    dealt_.clear();
    dealt_.swap(buckets_[bucket]);
  }

  Buckets buckets_;
  std::array<std::uint64_t, 64> least_;  ///< earliest time of each bucket, as bits
  std::uint64_t filled_ = 0;             ///< a bit for each bucket with events
  std::uint64_t last_ = 0;               ///< time popped last, as bits
  std::size_t size_ = 0;
  std::vector<Event> dealt_;  ///< scratch
};

}  // namespace ranvier
