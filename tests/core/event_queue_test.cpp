/// The queue of the event runtime against sorting.

#include <algorithm>
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

}  // namespace

TEST_CASE("a queue hands out what was pushed in the order that sorting gives") {
  const auto count = GENERATE(1u, 2u, 3u, 4u, 5u, 6u, 17u, 1000u);
  auto events = random_events(count, count);
  EventQueue<Event> queue;
  for (const auto& event : events) queue.push(event);
  CHECK(queue.size() == count);

  std::ranges::stable_sort(events, earlier);
  std::vector<bool> seen(count, false);
  for (const auto& expected : events) {
    const auto top = queue.top();
    const auto popped = queue.pop();
    CHECK(top.name == popped.name);
    REQUIRE(order(popped) == order(expected));
    // Equal events may come in any order, but each of them once.
    REQUIRE_FALSE(seen[popped.name]);
    seen[popped.name] = true;
  }
  CHECK(queue.empty());
}

TEST_CASE("under the hold model every event popped is the earliest of those pending") {
  // Jones 1986, CACM 29:300-311: pop the earliest, push one later than it, and so on.
  constexpr std::uint32_t pending = 300;
  auto reference = random_events(pending, 5);
  EventQueue<Event> queue;
  for (const auto& event : reference) queue.push(event);
  auto draws = RandomStream(6, Purpose::shuffle).at(0, 0);
  for (std::uint32_t hold = 0; hold < 3000; ++hold) {
    const auto first = std::ranges::min_element(reference, earlier);
    const auto popped = queue.pop();
    REQUIRE(order(popped) == order(*first));
    const auto same = std::ranges::find(reference, popped.name, &Event::name);
    REQUIRE(same != reference.end());
    *same = random_event(draws, popped.time, pending + hold);
    queue.push(*same);
    REQUIRE(queue.size() == pending);
  }
}

TEST_CASE("a queue rebuilt from its events hands them out in the same order") {
  EventQueue<Event> queue;
  for (const auto& event : random_events(500, 9)) queue.push(event);
  EventQueue<Event> rebuilt;
  for (const auto& event : queue.events()) rebuilt.push(event);
  while (!queue.empty()) REQUIRE(order(queue.pop()) == order(rebuilt.pop()));
  CHECK(rebuilt.empty());
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
      std::ranges::stable_sort(expected, earlier);
      CHECK(queue.size() == expected.size());
      for (const auto& event : expected) CHECK(order(queue.pop()) == order(event));
      CHECK(queue.empty());
    }
  }
}
