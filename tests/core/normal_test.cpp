/// The quantile of the normal distribution and the arithmetic under it, against the C library.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <vector>

#include "core/lane_math.hpp"
#include "core/normal.hpp"
#include "core/random.hpp"
#include "tests/catch.hpp"

using namespace ranvier;

namespace {

constexpr double ulp = std::numeric_limits<double>::epsilon();

/// P(X <= x) of the standard normal.
double cumulative(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

double density(double x) { return std::exp(-0.5 * x * x) / std::sqrt(2.0 * std::numbers::pi); }

/// Numbers over the whole range of uniform draws, thick at 0 and mirrored to 1.
std::vector<double> probabilities() {
  std::vector<double> p;
  for (double size = 0x1p-53; size < 0.5; size *= 1.003) {
    p.push_back(size);
    p.push_back(1.0 - size);
  }
  for (double x = 0.0005; x < 1.0; x += 0.001) p.push_back(x);
  return p;
}

}  // namespace

TEST_CASE("the logarithm is within 2 ulp of the library's") {
  for (double x = 0x1p-1000; x < 0x1p1000; x *= 1.37) {
    CAPTURE(x);
    REQUIRE(std::abs(lane_log(x) - std::log(x)) <= 2.0 * ulp * std::abs(std::log(x)));
  }
  for (double x = 0.4; x < 2.5; x += 1.0 / 4096.0 / 3.0) {
    CAPTURE(x);
    REQUIRE(std::abs(lane_log(x) - std::log(x)) <= 2.0 * ulp * std::abs(std::log(x)));
  }
  CHECK(lane_log(1.0) == 0.0);
}

TEST_CASE(
    "the exponential is within 2 ulp of the library's, and 0 or infinite beyond the doubles") {
  for (double x = -708.0; x < 709.5; x += 0.0371) {
    CAPTURE(x);
    REQUIRE(std::abs(lane_exp(x) - std::exp(x)) <= 2.0 * ulp * std::exp(x));
  }
  CHECK(lane_exp(0.0) == 1.0);
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const double x : {-infinity, -1e300, -800.0}) CHECK(lane_exp(x) == 0.0);
  for (const double x : {800.0, 1e300, infinity}) CHECK(lane_exp(x) == infinity);
}

TEST_CASE("the cumulative distribution takes a normal quantile back to its probability") {
  for (const double p : probabilities()) {
    const double x = normal_quantile(p);
    // An error of one part in 1e16 in x, its own rounding and that of the logarithm under the root
    // move the probability by density(x) |dx|; erfc has a few ulp of its own.
    const double nearer = std::min(p, 1.0 - p);
    const double returned = p < 0.5 ? cumulative(x) : cumulative(-x);
    CAPTURE(p, x);
    REQUIRE(std::abs(returned - nearer) <= 4.0 * ulp * (density(x) * std::abs(x) + nearer));
  }
}

TEST_CASE("normal quantiles are symmetric, increase, and pass through the published points") {
  CHECK(normal_quantile(0.5) == 0.0);
  // Wichura 1988, table of test values.
  CHECK(normal_quantile(0.25) == Approx(-0.6744897501960817).epsilon(1e-15));
  CHECK(normal_quantile(0.001) == Approx(-3.090232306167814).epsilon(1e-15));
  CHECK(normal_quantile(1e-20) == Approx(-9.262340089798408).epsilon(1e-15));
  auto p = probabilities();
  std::ranges::sort(p);
  for (std::size_t k = 1; k < p.size(); ++k) {
    CAPTURE(p[k]);
    REQUIRE(normal_quantile(p[k]) >= normal_quantile(p[k - 1]));
    REQUIRE(normal_quantile(1.0 - p[k]) == -normal_quantile(1.0 - (1.0 - p[k])));
  }
}

TEST_CASE("a block of normal quantiles is what each of them is alone") {
  auto p = probabilities();
  // In disorder, so that tails lie between others.
  for (std::size_t k = 0; k < p.size(); ++k) std::swap(p[k], p[(k * 7919) % p.size()]);
  for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{7}, p.size()}) {
    std::vector<double> block(p.begin(), p.begin() + static_cast<std::ptrdiff_t>(count));
    normal_quantiles(block);
    for (std::size_t k = 0; k < count; ++k) REQUIRE(block[k] == normal_quantile(p[k]));
  }
}

TEST_CASE("the ends of the uniform draws become 8.2 standard deviations on either side") {
  CHECK(unit_interval_of(0, 0) == 0x1p-53);
  CHECK(unit_interval_of(0xffffffff, 0xffffffff) == 1.0 - 0x1p-53);
  CHECK(unit_interval_of(0x80000000, 0x1000) == 0.5 + 0x1.8p-52);
  CHECK(normal_quantile(0x1p-53) == Approx(-8.2095).epsilon(1e-4));
  CHECK(normal_quantile(1.0 - 0x1p-53) == -normal_quantile(0x1p-53));
}

TEST_CASE("normal draws follow the normal distribution, in the middle and in the tails") {
  constexpr std::size_t n = 1u << 20;
  std::vector<std::uint64_t> keys(n);
  for (std::size_t k = 0; k < n; ++k) keys[k] = (k % 1000) << 32 | k / 1000;
  std::vector<double> x(n);
  RandomStream(17, Purpose::weight, 2).normals(keys, x);
  std::ranges::sort(x);
  // Kolmogorov and Smirnov: sqrt(n) D exceeds 1.95 with probability 0.001.
  double distance = 0.0;
  for (std::size_t k = 0; k < n; ++k) {
    const double below = static_cast<double>(k) / n, up_to = static_cast<double>(k + 1) / n;
    distance = std::max({distance, cumulative(x[k]) - below, up_to - cumulative(x[k])});
  }
  CHECK(std::sqrt(n) * distance < 1.95);
  for (const double z : {1.0, 2.0, 3.0, 4.0}) {
    const double expected = n * cumulative(-z);
    const auto low = static_cast<double>(std::ranges::lower_bound(x, -z) - x.begin());
    const auto high = static_cast<double>(x.end() - std::ranges::upper_bound(x, z));
    CAPTURE(z);
    CHECK(std::abs(low - expected) < 4.0 * std::sqrt(expected));
    CHECK(std::abs(high - expected) < 4.0 * std::sqrt(expected));
  }
}

TEST_CASE("draws for a block of keys are those of each key's place") {
  const RandomStream stream(5, Purpose::delay, 9);
  const std::uint64_t ends = 0xffffffff;
  for (const std::size_t count :
       {std::size_t{1}, std::size_t{31}, std::size_t{32}, std::size_t{77}}) {
    std::vector<std::uint64_t> keys(count);
    for (std::size_t k = 0; k < count; ++k) keys[k] = (k * k << 32 | k * 977) ^ (k % 3 ? 0 : ends);
    std::vector<double> uniforms(count), normals(count);
    stream.uniforms(keys, uniforms);
    stream.normals(keys, normals);
    for (std::size_t k = 0; k < count; ++k) {
      const auto entity = static_cast<std::uint32_t>(keys[k] >> 32);
      REQUIRE(uniforms[k] == stream.at(entity, keys[k] & ends).uniform());
      REQUIRE(normals[k] == stream.at(entity, keys[k] & ends).normal());
    }
  }
}
