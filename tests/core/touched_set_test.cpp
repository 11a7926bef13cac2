/// The set of touched neurons against a sorted set.

#include <algorithm>
#include <set>
#include <vector>

#include "core/random.hpp"
#include "core/runtime/touched_set.hpp"
#include "tests/catch.hpp"

using namespace ranvier;

TEST_CASE("marked neurons come back in order, each once, and are forgotten") {
  const NeuronId size = GENERATE(1u, 63u, 64u, 65u, 4096u, 4097u, 100000u);
  auto draws = RandomStream(size, Purpose::shuffle).at(0, 0);
  TouchedSet touched(size);
  std::vector<NeuronId> space;
  for (int round = 0; round < 50; ++round) {
    std::set<NeuronId> expected;
    for (auto marks = draws.below(200); marks > 0; --marks) {
      const auto i = draws.below(size);
      touched.mark(i);
      expected.insert(i);
    }
    CHECK(touched.empty() == expected.empty());
    REQUIRE(std::ranges::equal(touched.take(space), expected));
    REQUIRE(touched.empty());
  }
}

TEST_CASE("marks within a covered range are found beside single ones") {
  constexpr NeuronId size = 20000;
  auto draws = RandomStream(7, Purpose::shuffle).at(0, 0);
  TouchedSet touched(size);
  std::vector<NeuronId> space;
  for (int round = 0; round < 200; ++round) {
    std::set<NeuronId> expected;
    for (int range = 0; range < 2; ++range) {
      const auto a = draws.below(size), b = draws.below(size);
      const auto first = std::min(a, b), last = std::max(a, b);
      const bool crowded = draws.below(2) == 0;
      if (!crowded) touched.cover(first, last);
      auto* const marks = crowded ? touched.crowd(first, last) : nullptr;
      for (int mark = 0; mark < 20; ++mark) {
        const auto i = first + draws.below(last - first + 1);
        if (crowded) {
          marks[i] = 1;
        } else {
          touched.mark_within(i);
        }
        expected.insert(i);
      }
    }
    const auto single = draws.below(size);
    touched.mark(single);
    expected.insert(single);
    REQUIRE(std::ranges::equal(touched.take(space), expected));
  }
}

TEST_CASE("runs of marks are found beside single ones") {
  constexpr NeuronId size = 5000;
  auto draws = RandomStream(9, Purpose::shuffle).at(0, 0);
  TouchedSet touched(size);
  std::vector<NeuronId> space;
  for (int round = 0; round < 200; ++round) {
    std::set<NeuronId> expected;
    for (auto runs = draws.below(6); runs > 0; --runs) {
      const auto first = draws.below(size);
      const auto count = 1 + draws.below(std::min<NeuronId>(size - first, 200));
      touched.mark_run(first, count);
      for (NeuronId i = first; i < first + count; ++i) expected.insert(i);
    }
    for (auto marks = draws.below(40); marks > 0; --marks) {
      const auto i = draws.below(size);
      touched.mark(i);
      expected.insert(i);
    }
    CHECK(touched.empty() == expected.empty());
    REQUIRE(std::ranges::equal(touched.take(space), expected));
  }
}
