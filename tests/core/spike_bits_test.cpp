/// Spikes as bits against the values they were.

#include <vector>

#include "core/random.hpp"
#include "core/spike_bits.hpp"
#include "tests/catch.hpp"

using namespace ranvier;

TEMPLATE_TEST_CASE("spikes come back from their bits", "", float, double) {
  const auto size = GENERATE(0u, 1u, 63u, 64u, 65u, 640u, 1001u);
  const double rate = GENERATE(0.0, 0.05, 0.5, 1.0);
  auto draws = RandomStream(size, Purpose::shuffle).at(0, 0);
  std::vector<TestType> spikes(size);
  for (auto& value : spikes) value = draws.uniform() < rate ? TestType(1) : TestType(0);
  SpikeBits bits;
  REQUIRE(bits.take(std::span<const TestType>(spikes)));
  CHECK(bits.size() == size);
  // What stands before and behind stays.
  std::vector<TestType> room(size + 2, TestType(7));
  bits.write(std::span<TestType>(room).subspan(1, size));
  CHECK(room.front() == TestType(7));
  CHECK(room.back() == TestType(7));
  room.pop_back();
  room.erase(room.begin());
  CHECK(room == spikes);
}

TEMPLATE_TEST_CASE("values that are no spikes are not taken", "", float, double) {
  const auto place = GENERATE(0u, 70u, 99u);
  const auto value = static_cast<TestType>(GENERATE(0.5, -1.0, 2.0));
  std::vector<TestType> values(100);
  values[place] = value;
  SpikeBits bits;
  CHECK_FALSE(bits.take(std::span<const TestType>(values)));
  CHECK(bits.empty());
}
