#include "experiments/datasets/split.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "core/error.hpp"
#include "tests/catch.hpp"

using namespace ranvier;
using Catch::Matchers::Contains;

namespace {

/// Class c has `sizes[c]` samples, in turn; the one input of a sample is its index.
LabelledData numbered(std::vector<std::size_t> sizes) {
  LabelledData data{"numbered", {1}, sizes.size(), {}, {}};
  for (bool any = true; any;) {
    any = false;
    for (std::size_t c = 0; c < sizes.size(); ++c) {
      if (sizes[c] == 0) continue;
      --sizes[c];
      any = true;
      data.inputs.push_back(static_cast<float>(data.size()));
      data.labels.push_back(static_cast<std::uint8_t>(c));
    }
  }
  return data;
}

}  // namespace

TEST_CASE("a permutation holds every index once and depends on the seed alone") {
  const auto order = permutation(1000, 42);
  CHECK(order == permutation(1000, 42));
  CHECK(order != permutation(1000, 43));
  CHECK(order != permutation(1000, 42, Purpose::split));
  CHECK(order != permutation(1000, std::uint64_t{42} << 32));
  auto sorted = order;
  std::ranges::sort(sorted);
  std::vector<std::size_t> identity(1000);
  std::iota(identity.begin(), identity.end(), std::size_t{0});
  CHECK(sorted == identity);
  CHECK(permutation(0, 1).empty());
}

TEST_CASE("over many seeds each index is equally likely at each place") {
  constexpr std::size_t n = 4;
  constexpr std::size_t trials = 8000;
  std::vector<double> counts(n * n, 0.0);
  for (std::size_t seed = 0; seed < trials; ++seed) {
    const auto order = permutation(n, seed);
    for (std::size_t place = 0; place < n; ++place) counts[place * n + order[place]] += 1.0;
  }
  // Binomial with p = 1/4: five standard deviations, passed by all 16 with probability 1 - 1e-5.
  const double expected = static_cast<double>(trials) / n;
  const double sd = std::sqrt(static_cast<double>(trials) * 0.25 * 0.75);
  for (const auto count : counts) CHECK(std::abs(count - expected) < 5.0 * sd);
}

TEST_CASE("the two parts of a split share no sample and lose none") {
  const auto data = numbered({40, 25, 7, 1});
  const auto parts = split_count(data, 24, 5);
  CHECK(parts.test.size() == 24);
  std::multiset<float> seen(parts.train.inputs.begin(), parts.train.inputs.end());
  seen.insert(parts.test.inputs.begin(), parts.test.inputs.end());
  CHECK(seen == std::multiset<float>(data.inputs.begin(), data.inputs.end()));
  for (const auto& part : {parts.train, parts.test}) {
    CHECK(std::ranges::is_sorted(part.inputs));
    for (std::size_t i = 0; i < part.size(); ++i) {
      CHECK(part.labels[i] == data.labels[static_cast<std::size_t>(part.inputs[i])]);
    }
  }
}

TEST_CASE("every class is held out in proportion, to within one sample") {
  const std::vector<std::size_t> sizes = {100, 61, 17, 5, 1};
  const auto data = numbered(sizes);
  for (std::size_t held_out = 0; held_out <= data.size(); ++held_out) {
    const auto counts = class_counts(split_count(data, held_out, 3).test);
    CHECK(std::accumulate(counts.begin(), counts.end(), std::size_t{0}) == held_out);
    for (std::size_t c = 0; c < sizes.size(); ++c) {
      const double quota =
          static_cast<double>(held_out * sizes[c]) / static_cast<double>(data.size());
      CHECK(std::abs(static_cast<double>(counts[c]) - quota) < 1.0);
    }
  }
}

TEST_CASE("a split is the same for the same seed and another for another") {
  const auto data = numbered({50, 50});
  CHECK(split_count(data, 30, 1).test.inputs == split_count(data, 30, 1).test.inputs);
  CHECK(split_count(data, 30, 1).test.inputs != split_count(data, 30, 2).test.inputs);
  CHECK(split_fraction(data, 0.3, 1).test.inputs == split_count(data, 30, 1).test.inputs);
  CHECK(stratified_subset(data, 30, 1).inputs == split_count(data, 30, 1).test.inputs);
}

TEST_CASE("shuffling moves samples with their labels") {
  const auto data = numbered({30, 20});
  const auto mixed = shuffled(data, 9);
  CHECK(mixed.inputs != data.inputs);
  CHECK(std::multiset<float>(mixed.inputs.begin(), mixed.inputs.end()) ==
        std::multiset<float>(data.inputs.begin(), data.inputs.end()));
  for (std::size_t i = 0; i < mixed.size(); ++i) {
    CHECK(mixed.labels[i] == data.labels[static_cast<std::size_t>(mixed.inputs[i])]);
  }
}

TEST_CASE("splits that cannot be made are refused") {
  const auto data = numbered({2, 2});
  CHECK_THROWS_AS(split_count(data, 5, 1), InvalidValue);
  CHECK_THROWS_WITH(split_count(data, 5, 1), Contains("expected at most 4"));
  CHECK_THROWS_AS(split_fraction(data, 1.5, 1), InvalidValue);
  CHECK_THROWS_AS(split_fraction(data, std::nan(""), 1), InvalidValue);
  const std::vector<std::size_t> beyond = {4};
  CHECK_THROWS_AS(subset(data, beyond), InvalidValue);
}
