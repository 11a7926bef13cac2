/// The queue of the event runtime against sorting.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

#include "core/event_queue.hpp"
#include "core/random.hpp"
#include "tests/catch.hpp"

using namespace ranvier;

namespace {

struct Event {
  double time;
  std::uint32_t level;
  std::uint32_t name;
};

auto order(const Event& e) { return std::tuple(e.time, e.level); }
bool earlier(const Event& a, const Event& b) { return order(a) < order(b); }

/// Whole times and few levels, so that many events share both.
Event random_event(Draws& draws, double now, std::uint32_t name) {
  return {now + static_cast<double>(draws.below(40)), draws.below(3), name};
}

std::vector<Event> random_events(std::uint32_t count, std::uint64_t seed) {
  auto draws = RandomStream(seed, Purpose::shuffle).at(0, 0);
  std::vector<Event> events;
  for (std::uint32_t name = 0; name < count; ++name) {
    events.push_back(random_event(draws, 0.0, name));
  }
  return events;
}

/// A batch has no order of its own: by name.
auto whole_order(const Event& e) { return std::tuple(e.time, e.level, e.name); }

std::vector<std::uint32_t> names_of(const std::vector<Event>& events) {
  std::vector<std::uint32_t> names;
  for (const auto& event : events) names.push_back(event.name);
  return names;
}

/// Names of all events as the queue hands them out.
std::vector<std::uint32_t> drained(EventQueue<Event>& queue) {
  std::vector<Event> batch, all;
  while (!queue.empty()) {
    queue.pop_batch(batch);
    std::ranges::sort(batch, {}, &Event::name);
    all.insert(all.end(), batch.begin(), batch.end());
  }
  return names_of(all);
}

}  // namespace

TEST_CASE("a queue hands out batches in the order that sorting gives") {
  const auto count = GENERATE(1u, 2u, 3u, 4u, 5u, 6u, 17u, 1000u);
  auto events = random_events(count, count);
  EventQueue<Event> queue;
  for (const auto& event : events) queue.push(event);
  CHECK(queue.size() == count);

  std::ranges::sort(events, {}, whole_order);
  CHECK((drained(queue) == names_of(events)));
}

TEST_CASE("a batch holds all events of the earliest time and level and no others") {
  EventQueue<Event> queue;
  for (const auto& event : random_events(500, 3)) queue.push(event);
  std::vector<Event> batch;
  auto before = std::tuple(-1.0, 0u);
  for (std::size_t left = queue.size(); left > 0; left -= batch.size()) {
    const auto time = queue.next_time();
    const auto level = queue.next_level();
    queue.pop_batch(batch);
    REQUIRE_FALSE(batch.empty());
    for (const auto& event : batch) REQUIRE(order(event) == std::tuple(time, level));
    REQUIRE(std::tuple(time, level) > before);
    before = std::tuple(time, level);
    REQUIRE(queue.size() == left - batch.size());
  }
}

TEST_CASE("under the hold model every event popped is the earliest of those pending") {
  // Jones 1986, CACM 29:300-311: pop the earliest, push one later than it, and so on. Steps of many
  // sizes, some zero, fill buckets far and near.
  constexpr std::uint32_t pending = 300;
  auto reference = random_events(pending, 5);
  EventQueue<Event> queue;
  for (const auto& event : reference) queue.push(event);
  auto draws = RandomStream(6, Purpose::shuffle).at(0, 0);
  std::vector<Event> batch;
  std::uint32_t name = pending;
  for (std::uint32_t hold = 0; hold < 3000; ++hold) {
    const auto first = *std::ranges::min_element(reference, earlier);
    queue.pop_batch(batch);
    CHECK(std::ranges::count_if(reference, [&](const Event& e) {
            return order(e) == order(first);
          }) == static_cast<std::ptrdiff_t>(batch.size()));
    for (const auto& popped : batch) {
      REQUIRE(order(popped) == order(first));
      const auto same = std::ranges::find(reference, popped.name, &Event::name);
      REQUIRE(same != reference.end());
      *same = random_event(draws, popped.time, name++);
      same->time = popped.time + (same->time - popped.time) * std::ldexp(1.0, -5 * (hold % 9));
      if (same->time == popped.time) same->level = popped.level + 1;
      queue.push(*same);
    }
    REQUIRE(queue.size() == pending);
  }
}

TEST_CASE("a queue rebuilt from its events hands them out in the same order") {
  EventQueue<Event> queue, rebuilt;
  for (const auto& event : random_events(500, 9)) queue.push(event);
  std::vector<Event> batch;
  for (int k = 0; k < 20; ++k) queue.pop_batch(batch);
  queue.for_each([&](const Event& event) { rebuilt.push(event); });
  CHECK(rebuilt.size() == queue.size());
  CHECK((drained(queue) == drained(rebuilt)));
}

TEST_CASE("events popped one by one come in order, each of them once") {
  auto events = random_events(400, 11);
  EventQueue<Event> queue;
  for (const auto& event : events) queue.push(event);
  std::ranges::sort(events, {}, whole_order);
  std::vector<Event> popped;
  while (!queue.empty()) popped.push_back(queue.pop());
  REQUIRE(popped.size() == events.size());
  CHECK(std::ranges::is_sorted(popped, {}, order));
  std::ranges::sort(popped, {}, whole_order);
  CHECK((names_of(popped) == names_of(events)));
}

TEST_CASE("a cleared queue is empty") {
  EventQueue<Event> queue;
  for (const auto& event : random_events(10, 1)) queue.push(event);
  queue.clear();
  CHECK(queue.empty());
  CHECK(queue.size() == 0);
}

TEST_CASE("erasing events leaves the others in order") {
  for (const std::uint32_t count : {1u, 2u, 5u, 6u, 300u}) {
    for (const std::uint32_t divisor : {1u, 2u, 7u}) {
      const auto outdated = [&](const Event& e) { return e.name % divisor == 0; };
      auto expected = random_events(count, 5);
      EventQueue<Event> queue;
      for (const auto& event : expected) queue.push(event);
      queue.erase_if(outdated);
      std::erase_if(expected, outdated);
      std::ranges::sort(expected, {}, whole_order);
      CHECK(queue.size() == expected.size());
      CHECK((drained(queue) == names_of(expected)));
    }
  }
}
