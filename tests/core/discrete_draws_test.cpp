/// Binomial and hypergeometric draws against their probabilities in closed form.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

#include "core/discrete_draws.hpp"
#include "tests/catch.hpp"

using namespace ranvier;

namespace {

constexpr int n_draws = 200000;

double log_choose(double n, double k) {
  return std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0);
}

/// Pearson's statistic over the values with 20 expected counts or more, and the rest as one cell, as a
/// standard normal deviate.
double excess_of_pearson(const std::function<std::uint64_t(Draws&)>& draw, std::uint64_t largest,
                         const std::function<double(double)>& probability) {
  const RandomStream stream(11, Purpose::connectivity, 5);
  std::vector<int> counts(largest + 1, 0);
  for (std::uint64_t k = 0; k < n_draws; ++k) {
    auto draws = stream.at(3, k);
    const auto drawn = draw(draws);
    REQUIRE(drawn <= largest);
    ++counts[drawn];
  }
  double statistic = 0.0, rest_expected = n_draws, rest = n_draws;
  int cells = 0;
  for (std::uint64_t k = 0; k <= largest; ++k) {
    const double expected = n_draws * probability(static_cast<double>(k));
    if (expected < 20.0) continue;
    statistic += std::pow(counts[k] - expected, 2) / expected;
    rest_expected -= expected;
    rest -= counts[k];
    ++cells;
  }
  if (rest_expected >= 1.0) {
    statistic += std::pow(rest - rest_expected, 2) / rest_expected;
    ++cells;
  }
  const double freedom = cells - 1.0;
  if (freedom == 0.0) return statistic;
  // Wilson & Hilferty 1931: the cube root of chi-square per degree of freedom is close to normal.
  const double variance = 2.0 / (9.0 * freedom);
  return (std::cbrt(statistic / freedom) - (1.0 - variance)) / std::sqrt(variance);
}

}  // namespace

TEST_CASE("binomial draws have the probabilities of the distribution") {
  struct Case {
    std::uint64_t n;
    double p;
  };
  const auto [n, p] = GENERATE(values<Case>({{1, 0.3},
                                             {7, 0.5},
                                             {19, 0.5},
                                             {20, 0.5},
                                             {21, 0.5},
                                             {40, 0.25},
                                             {33, 0.66},
                                             {100, 0.9},
                                             {1000, 0.003},
                                             {1000, 0.012},
                                             {1000, 0.5},
                                             {5000, 0.49},
                                             {40000, 0.5}}));
  CAPTURE(n, p);
  const std::uint64_t trials = n;
  const double chance = p;
  CHECK(excess_of_pearson([&](Draws& d) { return draw_binomial(d, trials, chance); }, trials,
                          [&](double k) {
                            const auto all = static_cast<double>(trials);
                            return std::exp(log_choose(all, k) + k * std::log(chance) +
                                            (all - k) * std::log1p(-chance));
                          }) < 4.0);
}

TEST_CASE("hypergeometric draws have the probabilities of the distribution") {
  struct Case {
    std::uint64_t total, marked, drawn;
  };
  const auto [total, marked, drawn] = GENERATE(values<Case>({{1, 1, 1},
                                                             {9, 4, 5},
                                                             {40, 20, 20},
                                                             {80, 40, 40},
                                                             {81, 41, 60},
                                                             {500, 250, 499},
                                                             {1000, 30, 400},
                                                             {1000, 970, 400},
                                                             {1000, 500, 10},
                                                             {100000, 50000, 300},
                                                             {100000, 33333, 40000}}));
  CAPTURE(total, marked, drawn);
  const Case c{total, marked, drawn};
  CHECK(excess_of_pearson(
            [&](Draws& d) { return draw_hypergeometric(d, c.total, c.marked, c.drawn); },
            std::min(c.marked, c.drawn),
            [&](double k) {
              const auto all = static_cast<double>(c.total), m = static_cast<double>(c.marked);
              const auto n = static_cast<double>(c.drawn);
              if (n - k > all - m) return 0.0;
              return std::exp(log_choose(m, k) + log_choose(all - m, n - k) - log_choose(all, n));
            }) < 4.0);
}

TEST_CASE("splits of a million million keep mean and variance") {
  const std::uint64_t n = 1'000'000'000'000;
  const RandomStream stream(2, Purpose::connectivity);
  struct Split {
    std::function<std::uint64_t(Draws&)> draw;
    double mean, variance;
  };
  const auto size = static_cast<double>(n);
  for (const auto& split :
       {Split{[&](Draws& d) { return draw_binomial(d, n, 0.4); }, 0.4 * size, 0.24 * size},
        Split{[&](Draws& d) { return draw_hypergeometric(d, 4 * n, 2 * n, n); }, 0.5 * size,
              0.25 * size * 0.75}}) {
    double sum = 0.0, squares = 0.0;
    for (std::uint64_t k = 0; k < n_draws; ++k) {
      auto draws = stream.at(1, k);
      const double x = static_cast<double>(split.draw(draws)) - split.mean;
      sum += x;
      squares += x * x;
    }
    CHECK(std::abs(sum / n_draws) < 4.0 * std::sqrt(split.variance / n_draws));
    CHECK(std::abs(squares / n_draws - split.variance) <
          4.0 * split.variance * std::sqrt(2.0 / n_draws));
  }
}

TEST_CASE("draws that are certain are what they must be") {
  auto draws = RandomStream(1, Purpose::connectivity).at(0, 0);
  CHECK(draw_binomial(draws, 0, 0.5) == 0);
  CHECK(draw_binomial(draws, 9, 0.0) == 0);
  CHECK(draw_binomial(draws, 9, 1.0) == 9);
  CHECK(draw_hypergeometric(draws, 9, 0, 5) == 0);
  CHECK(draw_hypergeometric(draws, 9, 9, 5) == 5);
  CHECK(draw_hypergeometric(draws, 9, 4, 9) == 4);
  CHECK(draw_hypergeometric(draws, 0, 0, 0) == 0);
}
