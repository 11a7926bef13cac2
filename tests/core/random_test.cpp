/// Draws: the generator against its published vectors, the distributions against their moments.
/// Bounds on moments are four standard errors: of a mean sigma/sqrt(n), of a variance
/// sigma^2 sqrt((kurtosis - 1)/n).

#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

#include "core/random.hpp"
#include "tests/catch.hpp"

using namespace ranvier;

namespace {

constexpr int n = 200000;

struct Moments {
  double mean, variance, kurtosis;
};

void check_moments(const std::function<double(Draws&)>& draw, const Moments& expected) {
  const RandomStream stream(7, Purpose::encoding, 3);
  double sum = 0.0, squares = 0.0;
  for (int k = 0; k < n; ++k) {
    auto draws = stream.at(11, static_cast<std::uint64_t>(k));
    const double x = draw(draws) - expected.mean;
    sum += x;
    squares += x * x;
  }
  const double mean = sum / n;
  CHECK(std::abs(mean) < 4.0 * std::sqrt(expected.variance / n));
  CHECK(std::abs(squares / n - expected.variance) <
        4.0 * expected.variance * std::sqrt((expected.kurtosis - 1.0) / n));
}

}  // namespace

TEST_CASE("bits are those of Philox4x32-10 in the published known-answer vectors") {
  // Random123, tests/kat_vectors, lines "philox4x32 10". A counter word c2 = high << 16 | blocks is
  // reached by drawing that many blocks first.
  struct Vector {
    std::array<std::uint32_t, 4> counter;
    std::array<std::uint32_t, 2> key;
    std::array<std::uint32_t, 4> expected;
  };
  const std::vector<Vector> vectors{
      {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
       {0xffffffff, 0xffffffff},
       {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
       {0xa4093822, 0x299f31d0},
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}};
  for (const auto& v : vectors) {
    const std::uint64_t seed = static_cast<std::uint64_t>(v.key[1]) << 32 | v.key[0];
    const RandomStream stream(seed, static_cast<Purpose>(v.counter[3] >> 24),
                              v.counter[3] & 0xffffffu);
    const std::uint64_t index = static_cast<std::uint64_t>(v.counter[2] >> 16) << 32 | v.counter[0];
    auto draws = stream.at(v.counter[1], index);
    for (std::uint32_t skipped = 0; skipped < 4 * (v.counter[2] & 0xffffu); ++skipped) draws.bits();
    for (const auto word : v.expected) CHECK(draws.bits() == word);
  }
}

namespace {

/// Every lane against a block of its own.
template <std::size_t lanes>
bool lanes_are_blocks() {
  PhiloxLanes<lanes> words;
  for (std::uint32_t k = 0; k < lanes; ++k) {
    words[0][k] = 0x243f6a88u + k * 0x9e3779b9u;
    words[1][k] = 0xffffffffu - k;
    words[2][k] = k << 16;
    words[3][k] = 0x05000007u;
  }
  const PhiloxKey key{0xa4093822, 0xfffffffe};
  const auto counters = words;
  philox<lanes>(words, key);
  for (std::size_t k = 0; k < lanes; ++k) {
    const auto block =
        philox({counters[0][k], counters[1][k], counters[2][k], counters[3][k]}, key);
    for (std::size_t w = 0; w < block.size(); ++w) {
      if (words[w][k] != block[w]) return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("many lanes of Philox, in vectors or not, give the bits of one") {
  CHECK(lanes_are_blocks<1>());
  CHECK(lanes_are_blocks<7>());
  CHECK(lanes_are_blocks<8>());
  CHECK(lanes_are_blocks<16>());
  CHECK(lanes_are_blocks<24>());
  CHECK(lanes_are_blocks<32>());
}

TEST_CASE("a draw depends on seed, purpose, owner, entity and index, and on nothing else") {
  const auto first = [](std::uint64_t seed, Purpose purpose, std::uint32_t owner,
                        std::uint32_t entity, std::uint64_t index) {
    return RandomStream(seed, purpose, owner).at(entity, index).bits();
  };
  const auto base = first(1, Purpose::weight, 2, 3, 4);
  CHECK(first(1, Purpose::weight, 2, 3, 4) == base);
  CHECK(first(2, Purpose::weight, 2, 3, 4) != base);
  CHECK(first(1ull + (1ull << 32), Purpose::weight, 2, 3, 4) != base);
  CHECK(first(1, Purpose::delay, 2, 3, 4) != base);
  CHECK(first(1, Purpose::weight, 3, 3, 4) != base);
  CHECK(first(1, Purpose::weight, 2, 4, 4) != base);
  CHECK(first(1, Purpose::weight, 2, 3, 5) != base);
  CHECK(first(1, Purpose::weight, 2, 3, 4ull + (1ull << 32)) != base);
}

TEST_CASE("uniform draws have mean 1/2 and variance 1/12 and stay inside (0, 1)") {
  check_moments([](Draws& d) { return d.uniform(); }, {0.5, 1.0 / 12.0, 1.8});
  const RandomStream stream(1, Purpose::shuffle);
  for (std::uint64_t k = 0; k < n; ++k) {
    const double u = stream.at(0, k).uniform();
    REQUIRE((u > 0.0 && u < 1.0));
  }
}

TEST_CASE("normal draws have the first four moments of a standard normal") {
  check_moments([](Draws& d) { return d.normal(); }, {0.0, 1.0, 3.0});
  // x^2 has mean 1, variance 2 and, as a gamma variable of shape 1/2, kurtosis 3 + 6/(1/2).
  check_moments([](Draws& d) { return std::pow(d.normal(), 2); }, {1.0, 2.0, 15.0});
  // Second draws of a place are as good as first ones.
  check_moments(
      [](Draws& d) {
        d.normal();
        return d.normal();
      },
      {0.0, 1.0, 3.0});
}

TEST_CASE("the two normals drawn first at a place are uncorrelated") {
  const auto product = [](Draws& d) {
    const double first = d.normal();
    return first * d.normal();
  };
  // E[x^2 y^2] = 1, E[x^4 y^4] = 9.
  check_moments(product, {0.0, 1.0, 9.0});
}

TEST_CASE("exponential draws have mean 1 and variance 1") {
  check_moments([](Draws& d) { return d.exponential(); }, {1.0, 1.0, 9.0});
}

TEST_CASE("Poisson draws have mean and variance of their parameter, small or large") {
  const double mean = GENERATE(0.01, 0.7, 3.0, 9.99, 10.0, 30.0, 1000.0, 1e6);
  CAPTURE(mean);
  check_moments([mean](Draws& d) { return static_cast<double>(d.poisson(mean)); },
                {mean, mean, 3.0 + 1.0 / mean});
}

TEST_CASE("Poisson draws have the probabilities of the distribution on both sides of its switch") {
  const double mean = GENERATE(2.5, 9.9, 10.1, 14.0);
  CAPTURE(mean);
  const RandomStream stream(3, Purpose::stimulus);
  std::vector<int> counts(200, 0);
  for (std::uint64_t k = 0; k < n; ++k) {
    const auto drawn = stream.at(0, k).poisson(mean);
    REQUIRE(drawn < counts.size());
    ++counts[drawn];
  }
  // Pearson's statistic over the cells with 20 expected counts or more has mean m - 1 and variance
  // 2(m - 1) + (sum of 1/expected terms, below 1 each cell); the neglected tails are left out.
  double statistic = 0.0;
  int cells = 0;
  for (std::size_t k = 0; k < counts.size(); ++k) {
    const auto x = static_cast<double>(k);
    const double expected = n * std::exp(x * std::log(mean) - mean - std::lgamma(x + 1.0));
    if (expected < 20.0) continue;
    statistic += std::pow(counts[k] - expected, 2) / expected;
    ++cells;
  }
  CHECK(statistic < cells + 4.0 * std::sqrt(2.0 * cells));
  CHECK(RandomStream(1, Purpose::stimulus).at(0, 0).poisson(0.0) == 0);
}

TEST_CASE("draws below a number hit each of the values below it equally often") {
  const auto bound = GENERATE(1u, 2u, 3u, 7u, 10u, 1000u);
  CAPTURE(bound);
  const RandomStream stream(5, Purpose::shuffle);
  std::vector<int> counts(bound, 0);
  for (std::uint64_t k = 0; k < n; ++k) {
    const auto drawn = stream.at(1, k).below(bound);
    REQUIRE(drawn < bound);
    ++counts[drawn];
  }
  const double p = 1.0 / bound;
  // Pearson's statistic has mean m - 1 and variance 2(m - 1), and is 0 for one cell.
  double statistic = 0.0;
  for (const int count : counts) statistic += std::pow(count - n * p, 2) / (n * p);
  const double freedom = bound - 1.0;
  CHECK(statistic <= freedom + 4.0 * std::sqrt(2.0 * freedom));
}

TEST_CASE("draws below a number that is no power of two are not biased towards low values") {
  // Multiplying alone would map four words to three values, and make every multiple of three twice
  // as likely as the others: one word in four is to be rejected.
  constexpr std::uint32_t bound = 3u << 30;
  check_moments([](Draws& d) { return static_cast<double>(d.below(bound)); },
                {(bound - 1.0) / 2.0, (std::pow(bound, 2) - 1.0) / 12.0, 1.8});
  check_moments([](Draws& d) { return static_cast<double>(d.below(bound) % 3); },
                {1.0, 2.0 / 3.0, 1.5});
}
