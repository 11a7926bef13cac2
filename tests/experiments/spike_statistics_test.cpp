/// Rate, irregularity and correlation of spike trains against closed forms and brute force.

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "core/random.hpp"
#include "experiments/spike_statistics.hpp"
#include "tests/catch.hpp"

namespace ranvier {
namespace {

using Events = std::vector<std::pair<double, NeuronId>>;

SpikeTrain train_of(Events events) {
  std::ranges::sort(events);
  SpikeTrain train;
  for (const auto& [time, neuron] : events) {
    train.times.push_back(time);
    train.neurons.push_back(neuron);
  }
  return train;
}

/// Times of a Poisson process up to `end`; rates per ms.
std::vector<double> poisson_times(double rate, double end, std::uint32_t process) {
  const RandomStream stream(11, Purpose::stimulus);
  std::vector<double> times;
  double time = 0.0;
  for (std::uint64_t k = 0;; ++k) {
    time += stream.at(process, k).exponential() / rate;
    if (time > end) return times;
    times.push_back(time);
  }
}

/// Every neuron fires with the spikes of a process that all share and with those of its own.
SpikeTrain sharing(double shared_rate, double own_rate, std::size_t neurons, double end) {
  Events events;
  for (NeuronId i = 0; i < neurons; ++i) {
    if (shared_rate > 0.0) {
      for (const double time : poisson_times(shared_rate, end, 0)) events.emplace_back(time, i);
    }
    for (const double time : poisson_times(own_rate, end, i + 1)) events.emplace_back(time, i);
  }
  return train_of(std::move(events));
}

/// The definition, pair by pair.
double correlation_by_pairs(const SpikeTrain& train, std::size_t neurons, const CountWindow& w) {
  const auto bins = static_cast<std::size_t>((w.end - w.begin) / w.bin);
  std::vector<std::vector<double>> counts(neurons, std::vector<double>(bins, 0.0));
  for (std::size_t k = 0; k < train.size(); ++k) {
    const double place = std::ceil((train.times[k] - w.begin) / w.bin) - 1.0;
    if (place < 0.0 || place >= static_cast<double>(bins)) continue;
    counts[train.neurons[k]][static_cast<std::size_t>(place)] += 1.0;
  }
  const auto covariance = [&](std::size_t a, std::size_t b) {
    double mean_a = 0.0, mean_b = 0.0, product = 0.0;
    for (std::size_t k = 0; k < bins; ++k) {
      mean_a += counts[a][k];
      mean_b += counts[b][k];
      product += counts[a][k] * counts[b][k];
    }
    const auto n = static_cast<double>(bins);
    return product / n - mean_a / n * mean_b / n;
  };
  double sum = 0.0;
  int pairs = 0;
  for (std::size_t a = 0; a < neurons; ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      sum += covariance(a, b) / std::sqrt(covariance(a, a) * covariance(b, b));
      ++pairs;
    }
  }
  return sum / pairs;
}

TEST_CASE("the coefficient of variation is the spread of the intervals over their mean") {
  CHECK(*mean_cv_isi({{1, 2, 3, 4}, {0, 0, 0, 0}}, 1) == Approx(0.0).margin(1e-15));
  // Intervals 1 and 3: mean 2, standard deviation 1.
  CHECK(*mean_cv_isi({{0, 1, 4}, {0, 0, 0}}, 1) == Approx(0.5));
  CHECK_FALSE(mean_cv_isi({{0, 1}, {0, 0}}, 1));
  CHECK(*mean_rate_hz(50, 10, 500.0) == Approx(10.0));
  CHECK_FALSE(mean_rate_hz(0, 10, 0.0));
}

TEST_CASE("Poisson processes have the rate they are drawn with and a CV of one") {
  constexpr std::size_t neurons = 50;
  constexpr double rate = 0.02, end = 50000.0;
  const auto train = sharing(0.0, rate, neurons, end);
  // 50,000 intervals: the standard errors of rate and CV are one part in 224, and 1,000 intervals
  // each bias the CV by about -1/1000.
  CHECK(*mean_rate_hz(train.size(), neurons, end) == Approx(20.0).epsilon(4.0 / 224.0));
  CHECK(*mean_cv_isi(train, neurons) == Approx(1.0).margin(4.0 / 224.0 + 0.001));
}

TEST_CASE("the transient is left out with the spike at its end") {
  const auto rest = later_than({{1, 2, 2, 3}, {0, 0, 1, 2}}, 2.0);
  CHECK(rest.times == std::vector<double>{3});
  CHECK(rest.neurons == std::vector<NeuronId>{2});
}

TEST_CASE("neurons that share a part of their spikes are correlated by that part") {
  constexpr std::size_t neurons = 20;
  constexpr double end = 40000.0;
  const CountWindow window{.begin = 0.0, .end = end, .bin = 2.0, .sample = neurons};
  // B = 20,000 bins with a mean of 0.02 shared spikes: their variance is known to a relative
  // standard error of sqrt((1/0.02 + 2)/B) = 0.05, and so is the correlation.
  CHECK(*mean_correlation(sharing(0.01, 0.03, neurons, end), neurons, window) ==
        Approx(0.25).epsilon(4.0 * 0.05));
  // Of independent neurons each of 190 pairs has the standard error 1/sqrt(B).
  CHECK(*mean_correlation(sharing(0.0, 0.03, neurons, end), neurons, window) ==
        Approx(0.0).margin(4.0 / std::sqrt(20000.0 * 190.0)));
}

TEST_CASE("equal trains correlate fully, trains that alternate negatively") {
  const CountWindow window{.begin = 0.0, .end = 8.0, .bin = 2.0, .sample = 10};
  CHECK(*mean_correlation({{1, 1, 5, 5}, {0, 1, 0, 1}}, 2, window) == Approx(1.0));
  CHECK(*mean_correlation({{1, 3, 5, 7}, {0, 1, 0, 1}}, 2, window) == Approx(-1.0));
}

TEST_CASE("the mean correlation is the mean over all pairs") {
  constexpr std::size_t neurons = 12;
  const auto train = sharing(0.02, 0.05, neurons, 1000.0);
  // The last bin would reach beyond the end.
  const CountWindow window{.begin = 101.0, .end = 990.0, .bin = 3.5, .sample = neurons};
  CHECK(*mean_correlation(train, neurons, window) ==
        Approx(correlation_by_pairs(train, neurons, window)).epsilon(1e-10));
}

TEST_CASE("a spike on the edge of a bin belongs to the bin that ends there") {
  // Steps of 0.1 ms, whose sums are not exact: 3 * 0.1 > 0.3. The spikes of both neurons fall in
  // the bins (0, 0.3] and (0.6, 0.9].
  const CountWindow window{.begin = 0.0, .end = 1.2, .bin = 0.3, .sample = 2};
  CHECK(*mean_correlation({{0.1, 3 * 0.1, 7 * 0.1, 9 * 0.1}, {0, 1, 1, 0}}, 2, window) ==
        Approx(1.0));
}

TEST_CASE("a sample is spread over the neurons that fire") {
  // Of neurons 0 to 4 the fourth is silent; two of the four others are 0 and 2.
  const CountWindow window{.begin = 0.0, .end = 4.0, .bin = 1.0, .sample = 2};
  CHECK(*mean_correlation({{0.5, 0.5, 1.5, 2.5}, {0, 2, 1, 4}}, 5, window) == Approx(1.0));
}

TEST_CASE("a correlation of nothing is not defined") {
  const CountWindow window{.begin = 0.0, .end = 10.0, .bin = 1.0, .sample = 10};
  CHECK_FALSE(mean_correlation({}, 3, window));
  CHECK_FALSE(mean_correlation({{1}, {0}}, 3, window));
  const SpikeTrain steady{{0.5, 0.5, 1.5, 1.5}, {0, 1, 0, 1}};
  CHECK_FALSE(mean_correlation(steady, 2, {.begin = 0.0, .end = 2.0, .bin = 1.0, .sample = 10}));
  CHECK_FALSE(mean_correlation(steady, 2, {.begin = 0.0, .end = 1.9, .bin = 1.0, .sample = 10}));
}

}  // namespace
}  // namespace ranvier
