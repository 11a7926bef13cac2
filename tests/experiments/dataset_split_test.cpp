#include "experiments/datasets/split.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <set>

#include "core/error.hpp"
#include "experiments/datasets/sources/byte_examples.hpp"
#include "tests/catch.hpp"

using namespace ranvier;
using Catch::Matchers::Contains;

namespace {

/// Class c has `sizes[c]` samples, in turn; the one input of a sample is its index.
LabelledData numbered(std::vector<std::size_t> sizes) {
  std::vector<std::uint8_t> bytes, labels;
  for (bool any = true; any;) {
    any = false;
    for (std::size_t c = 0; c < sizes.size(); ++c) {
      if (sizes[c] == 0) continue;
      --sizes[c];
      any = true;
      bytes.push_back(static_cast<std::uint8_t>(bytes.size()));
      labels.push_back(static_cast<std::uint8_t>(c));
    }
  }
  return {"numbered", sizes.size(),
          std::make_shared<ByteExamples>(Shape{.channels = 1}, bytes, labels, 1.0)};
}

std::vector<float> inputs_of(const LabelledData& data) {
  std::vector<float> inputs;
  for (std::size_t i = 0; i < data.size(); ++i) inputs.push_back(values_of(data, i)[0]);
  return inputs;
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
  const auto all = inputs_of(data), train = inputs_of(parts.train), test = inputs_of(parts.test);
  std::multiset<float> seen(train.begin(), train.end());
  seen.insert(test.begin(), test.end());
  CHECK(seen == std::multiset<float>(all.begin(), all.end()));
  for (const auto& part : {parts.train, parts.test}) {
    const auto inputs = inputs_of(part);
    CHECK(std::ranges::is_sorted(inputs));
    for (std::size_t i = 0; i < part.size(); ++i) {
      CHECK(part.label(i) == data.label(static_cast<std::size_t>(inputs[i])));
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
  CHECK(inputs_of(split_count(data, 30, 1).test) == inputs_of(split_count(data, 30, 1).test));
  CHECK(inputs_of(split_count(data, 30, 1).test) != inputs_of(split_count(data, 30, 2).test));
  CHECK(inputs_of(split_fraction(data, 0.3, 1).test) == inputs_of(split_count(data, 30, 1).test));
  CHECK(inputs_of(stratified_subset(data, 30, 1)) == inputs_of(split_count(data, 30, 1).test));
}

TEST_CASE("shuffling moves samples with their labels") {
  const auto data = numbered({30, 20});
  const auto mixed = shuffled(data, 9);
  const auto before = inputs_of(data), after = inputs_of(mixed);
  CHECK(after != before);
  CHECK(std::multiset<float>(after.begin(), after.end()) ==
        std::multiset<float>(before.begin(), before.end()));
  for (std::size_t i = 0; i < mixed.size(); ++i) {
    CHECK(mixed.label(i) == data.label(static_cast<std::size_t>(after[i])));
  }
}

TEST_CASE("classes without a sample are named") {
  CHECK(missing_classes(numbered({2, 1, 3})).empty());
  CHECK(missing_classes(numbered({2, 0, 3, 0})) == "1, 3");
}

TEST_CASE("a label that is no class is refused") {
  const auto source = std::make_shared<ByteExamples>(
      Shape{.channels = 1}, std::vector<std::uint8_t>(3), std::vector<std::uint8_t>{0, 1, 2});
  CHECK_THROWS_AS(LabelledData("two classes", 2, source), InvalidValue);
  CHECK_THROWS_WITH(LabelledData("two classes", 2, source),
                    Contains("label 2 is 2; expected 0 to 1"));
}

TEST_CASE("splits that cannot be made are refused") {
  const auto data = numbered({2, 2});
  CHECK_THROWS_AS(split_count(data, 5, 1), InvalidValue);
  CHECK_THROWS_WITH(split_count(data, 5, 1), Contains("expected at most 4"));
  CHECK_THROWS_AS(split_fraction(data, 1.5, 1), InvalidValue);
  CHECK_THROWS_AS(split_fraction(data, std::nan(""), 1), InvalidValue);
  const std::vector<std::size_t> beyond = {4};
  CHECK_THROWS_AS(data.subset(beyond), InvalidValue);
}
