/// Thresholds taken from activations, where training made no levels.

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "core/error.hpp"
#include "networks/inference.hpp"
#include "networks/threshold_balance.hpp"
#include "tests/catch.hpp"
#include "tests/networks/quantised_networks.hpp"

using namespace ranvier;
using namespace ranvier::testing;

namespace {

LayerDescription rectified(const std::string& name, std::size_t size) {
  auto layer = quantised(name, size, 1, 1.0);
  layer.model = "relu";
  layer.model_parameters = {};
  return layer;
}

struct Samples {
  std::vector<float> values;
  std::vector<std::uint8_t> labels;

  ArrayExamples examples() const { return {values, labels}; }
};

Samples some_samples(std::size_t count, std::size_t size) {
  Samples samples{.values = {}, .labels = std::vector<std::uint8_t>(count)};
  for (std::size_t i = 0; i < count * size; ++i) {
    samples.values.push_back(
        static_cast<float>(0.5 + 0.5 * std::sin(2.1 * double(i) + 0.001 * double(i * i))));
  }
  return samples;
}

}  // namespace

TEST_CASE("a percentile lies between the values around its rank") {
  // Ranks 0 .. 10 of the values 0, 10 .. 100: percentile p has rank p/10, so it is p.
  std::vector<float> values(11);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = 10.0F * static_cast<float>(i);
  std::ranges::reverse(values);
  for (const double p : {0.5, 25.0, 50.0, 97.5, 99.9, 100.0}) {
    const auto kept = values_above(p, values.size());
    const std::vector<float> largest(values.begin(),
                                     values.begin() + static_cast<std::ptrdiff_t>(kept));
    CHECK(percentile_of_largest(largest, p, values.size()) == Approx(p).epsilon(1e-12));
  }
}

TEST_CASE("a layer's threshold is the percentile of all its activations") {
  // One rectified unit that passes its input on: activations are the samples themselves.
  auto description = quantised_network({rectified("passing", 1)});
  description.shape = {1, 1, 1};
  description.inputs = 1;
  Sequential<float> network(description, 1);
  network.tensor("passing.weight")[0] = 2.0F;
  network.tensor("passing.bias")[0] = 0.0F;
  Samples samples{.values = std::vector<float>(1001), .labels = std::vector<std::uint8_t>(1001)};
  std::iota(samples.values.begin(), samples.values.end(), -500.0F);
  for (const int threads : {1, 3}) {
    // Rank 990 of 1001 ascending values, 500 negative ones among them: sample 490, doubled.
    CHECK(balanced_thresholds(network, samples.examples(), 99.0, 1001, threads)[0] == 980.0);
    CHECK(balanced_thresholds(network, samples.examples(), 100.0, 1001, threads)[0] == 1000.0);
    // Half way between ranks 750 and 751 of the first 603 samples and their 500 zeros.
    CHECK(balanced_thresholds(network, samples.examples(), 100.0, 603, threads)[0] == 204.0);
  }
  REQUIRE_THROWS_WITH(balanced_thresholds(network, samples.examples(), 40.0, 1001, 1),
                      Catch::Contains("layer 'passing' is silent at percentile 40"));
  REQUIRE_THROWS_WITH(balanced_thresholds(network, ArrayExamples(), 99.0, 10, 1),
                      Catch::Contains("no samples"));
}

TEST_CASE("a balanced neuron has the rate of its activation to one spike") {
  const auto network = Sequential<float>(quantised_network({rectified("hidden", 40)}), 3);
  const auto samples = some_samples(30, network.inputs());
  const auto thresholds = balanced_thresholds(network, samples.examples(), 100.0, 30, 1);
  const Conversion conversion{.balance = static_cast<int>(Balance::percentile)};
  auto converted = trained(network, conversion, thresholds);
  constexpr std::size_t T = 64;
  converted.description.steps = T;
  Inference inference(converted, {.runtime = "event"});
  for (std::size_t i = 0; i < 5; ++i) {
    const auto sample = std::span(samples.values).subspan(i * network.inputs(), network.inputs());
    const auto seen = inference.observe(sample, 0);
    SequentialTrace<float> trace;
    trace.samples = {0};
    trace.values.assign(sample.begin(), sample.end());
    network.forward(1, 0, trace);
    const auto activation = network.layer_output(0, trace);
    std::vector<double> counts(activation.size());
    for (const auto neuron : seen.spikes[0].neurons) counts[neuron] += 1.0;
    for (std::size_t k = 0; k < counts.size(); ++k) {
      // floor(1/2 + T z/theta) within half a spike of T z/theta; activations are single precision.
      CHECK(std::abs(counts[k] - double(T) * double(activation[k]) / thresholds[0]) <= 0.5 + 1e-4);
    }
  }
}

TEST_CASE("the error of balanced scores falls as one over the number of steps") {
  const auto network =
      Sequential<float>(quantised_network({rectified("first", 40), rectified("second", 30)}), 3);
  const auto samples = some_samples(30, network.inputs());
  const auto thresholds = balanced_thresholds(network, samples.examples(), 100.0, 30, 2);
  const auto variant = GENERATE(SpikeSign::unsigned_only, SpikeSign::both);
  auto converted = trained(
      network,
      {.balance = static_cast<int>(Balance::percentile), .variant = static_cast<int>(variant)},
      thresholds);
  converted.description.steps = 1024;
  const auto sample = std::span(samples.values).first(network.inputs());
  const auto seen = Inference(converted, {.runtime = "event"}).observe(sample, 0);
  const auto expected = scores_before(network, {sample.begin(), sample.end()});
  const auto error_at = [&](std::size_t T) {
    double largest = 0.0;
    for (std::size_t k = 0; k < expected.size(); ++k) {
      largest =
          std::max(largest, std::abs(seen.scores[T - 1][k] / double(T) - double(expected[k])));
    }
    return largest;
  };
  // The membranes stay within a few thresholds, so T times the error is bounded.
  CHECK(error_at(1024) < 0.01);
  CHECK(error_at(1024) < error_at(32) / 8.0);
}

TEST_CASE("an activation without levels is refused unless thresholds were balanced") {
  const Sequential<float> network(quantised_network({rectified("hidden", 5)}), 1);
  CHECK(needs_balance(network));
  REQUIRE_THROWS_WITH(trained(network), Catch::Contains("'balance: percentile'"));
  const std::vector<double> thresholds{1.0, 0.0};
  REQUIRE_THROWS_WITH(trained(network,
                              {.balance = static_cast<int>(Balance::percentile),
                               .input = static_cast<int>(InputTiming::one_shot)},
                              thresholds),
                      Catch::Contains("no levels that one-shot input"));
  CHECK_FALSE(needs_balance(Sequential<float>(quantised_network({quantised("q", 5, 4, 1.0)}), 1)));
}
