/// Spikes that can be taken back, and samples shown once: the converted network ends where the
/// quantised one stands.

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "networks/inference.hpp"
#include "networks/trained_network.hpp"
#include "tests/catch.hpp"
#include "tests/networks/quantised_networks.hpp"

using namespace ranvier;
using namespace ranvier::testing;

namespace {

constexpr std::int64_t levels = 4;

Conversion made(SpikeSign variant, InputTiming input) {
  return {.variant = static_cast<int>(variant), .input = static_cast<int>(input)};
}

SequentialDescription deep_dense() {
  auto signed_steps = quantised("rounded", 20, levels, 1.2);
  signed_steps.model = "lsq";
  signed_steps.model_parameters.common = {{"bits", std::int64_t{2}}, {"step", 0.3}};
  return quantised_network({quantised("first", 40, levels, 1.5),
                            quantised("second", 30, levels, 1.0), signed_steps,
                            quantised("last", 20, levels, 0.8)});
}

SequentialDescription residual_convolutions() {
  LayerDescription pool;
  pool.name = "pool";
  pool.kind = "average_pool";
  auto joined = quantised_convolution("joined", 4, levels, 0.9);
  joined.add = "conv";
  return quantised_network({quantised_convolution("conv", 4, levels, 1.0), joined, pool,
                            quantised("dense", 16, levels, 0.8)});
}

/// The numbers of a trained network, as far from ties as chance puts them.
Sequential<float> with_statistics(const SequentialDescription& description, std::uint64_t seed) {
  Sequential<float> network(description, seed);
  std::size_t k = 0;
  for (auto& x : network.parameters()) x += 0.05F * std::sin(1.7F * static_cast<float>(k++));
  for (const auto& tensor : network.statistic_tensors()) {
    const bool variance = tensor.name.ends_with("variance");
    for (auto& x : network.tensor(tensor.name)) {
      x = (variance ? 0.8F : 0.1F) + 0.07F * std::sin(static_cast<float>(k++));
    }
  }
  return network;
}

std::vector<float> sample_of(std::size_t size, std::size_t which) {
  std::vector<float> values(size);
  for (std::size_t i = 0; i < size; ++i) {
    values[i] = static_cast<float>(
        0.5 + 0.5 * std::sin(2.1 * static_cast<double>(i) + 0.77 * static_cast<double>(which)));
  }
  return values;
}

/// Every layer may take as many steps as it has levels to settle after the one before.
TrainedNetwork settled(const Sequential<float>& network, const Conversion& conversion) {
  auto result = trained(network, conversion);
  result.description.steps = result.layers.size() * levels;
  return result;
}

/// One layer of the scheme as its source writes it.
struct SignedLayer {
  std::vector<double> v, n;
  double theta, most;

  /// Net spikes of a step under the input `i`.
  std::vector<double> step(const std::vector<double>& i) {
    std::vector<double> sent(v.size());
    for (std::size_t k = 0; k < v.size(); ++k) {
      v[k] += i[k];
      if (v[k] >= theta && n[k] < most) {
        v[k] -= theta;
        n[k] += 1.0;
        sent[k] = 1.0;
      }
      if (v[k] < -1e-6 * theta && n[k] > 0.0) {
        v[k] += theta;
        n[k] -= 1.0;
        sent[k] -= 1.0;
      }
    }
    return sent;
  }
};

double parameter(const TrainedLayer& layer, const std::string& name, double otherwise) {
  const auto found = layer.parameters.common.find(name);
  return found == layer.parameters.common.end() ? otherwise : std::get<double>(found->second);
}

/// Net spikes of every step, from the two halves of a signed layer.
std::vector<double> net_spikes(const SampleActivity& activity, std::size_t sending,
                               std::size_t size, std::size_t steps) {
  std::vector<double> net(size * steps);
  for (const auto& [layer, sign] : {std::pair(sending, 1.0), std::pair(sending + 1, -1.0)}) {
    const auto& train = activity.spikes[layer];
    for (std::size_t s = 0; s < train.size(); ++s) {
      const auto step = static_cast<std::size_t>(std::lround(train.times[s])) - 1;
      net[step * size + train.neurons[s]] += sign;
    }
  }
  return net;
}

}  // namespace

TEST_CASE("the one-shot signed variant equals the quantised network exactly") {
  const auto description = GENERATE(deep_dense(), residual_convolutions());
  const auto [runtime, on_grid] =
      GENERATE(std::pair("clock", true), std::pair("event", true), std::pair("event", false));
  CAPTURE(runtime, on_grid, description.layers.size());
  const auto network = with_statistics(description, 11);
  const auto converted = settled(network, made(SpikeSign::both, InputTiming::one_shot));
  std::size_t taken_back = 0;
  Inference inference(converted, {.runtime = runtime, .on_grid = on_grid});
  for (std::size_t which = 0; which < 20; ++which) {
    const auto sample = sample_of(network.inputs(), which);
    const auto seen = inference.observe(sample, 0);
    const auto expected = scores_before(network, sample);
    for (std::size_t k = 0; k < expected.size(); ++k) {
      // Scores of about 1 are sums of 20 levels that the trained network rounds to 6e-8 each.
      REQUIRE(seen.scores.back()[k] == Approx(expected[k]).margin(2e-6));
    }
    for (std::size_t l = 1; l + 1 < converted.layers.size(); l += 2) {
      taken_back += seen.spikes[l].size();
    }
  }
  // Off the grid a layer sends all at once, before the next looks, and nothing is corrected.
  CHECK((taken_back > 0) == on_grid);
}

TEST_CASE("without negative spikes the one-shot network keeps what it should not have sent") {
  const auto network = with_statistics(deep_dense(), 11);
  const auto converted = settled(network, made(SpikeSign::unsigned_only, InputTiming::one_shot));
  double largest = 0.0;
  Inference inference(converted, {.runtime = "event"});
  for (std::size_t which = 0; which < 20; ++which) {
    const auto sample = sample_of(network.inputs(), which);
    const auto seen = inference.observe(sample, 0);
    const auto expected = scores_before(network, sample);
    for (std::size_t k = 0; k < expected.size(); ++k) {
      largest = std::max(largest, std::abs(seen.scores.back()[k] - double(expected[k])));
    }
  }
  CHECK(largest > 0.01);
}

TEST_CASE("a pair of halves is the signed neuron of the scheme, step by step") {
  const auto input = GENERATE(InputTiming::constant, InputTiming::one_shot);
  const auto runtime = GENERATE(as<std::string>{}, "clock", "event");
  CAPTURE(static_cast<int>(input), runtime);
  const auto network = with_statistics(deep_dense(), 5);
  auto converted = trained(network, made(SpikeSign::both, input));
  const std::size_t steps = converted.description.steps = 20;
  REQUIRE(converted.layers.size() == 9);
  const auto sample = sample_of(network.inputs(), 3);
  const auto seen = Inference(converted, {.runtime = runtime}).observe(sample, 0);

  std::vector<double> arriving(sample.begin(), sample.end());
  std::vector<std::vector<double>> before(steps, arriving);
  if (converted.one_shot) {
    std::fill(before.begin() + 1, before.end(), std::vector<double>(sample.size()));
  }
  for (std::size_t l = 0; l + 1 < converted.layers.size(); l += 2) {
    const auto& layer = converted.layers[l];
    const double theta = parameter(layer, "V_th", 0.0);
    SignedLayer expected{.v = std::vector<double>(layer.size(), 0.5 * theta),
                         .n = std::vector<double>(layer.size()),
                         .theta = theta,
                         .most = parameter(layer, "most", INFINITY)};
    const auto net = net_spikes(seen, l, layer.size(), steps);
    for (std::size_t t = 0; t < steps; ++t) {
      auto drive = product(layer.projections.at(0).map, before[t]);
      for (std::size_t k = 0; k < drive.size(); ++k) {
        if (t == 0 || !converted.one_shot) drive[k] += layer.bias[k];
      }
      before[t] = expected.step(drive);
      for (std::size_t k = 0; k < drive.size(); ++k) {
        REQUIRE(net[t * layer.size() + k] == before[t][k]);
      }
    }
  }
}

TEST_CASE("one-shot input is refused where it would not end at the trained scores") {
  const auto conversion = made(SpikeSign::both, InputTiming::one_shot);
  auto encoded = deep_dense();
  encoded.encoding.name = "poisson";
  REQUIRE_THROWS_WITH(trained(Sequential<float>(encoded, 1), conversion),
                      Catch::Contains("the encoding 'poisson' does not; expected current"));
  auto mean = deep_dense();
  mean.loss.name = "mean_membrane";
  REQUIRE_THROWS_WITH(trained(Sequential<float>(mean, 1), conversion),
                      Catch::Contains("readout 'mean_membrane'"));
  auto leaking = deep_dense();
  leaking.layers.back().model_parameters.common["tau_m"] = 20.0;
  REQUIRE_THROWS_WITH(trained(Sequential<float>(leaking, 1), conversion),
                      Catch::Contains("layer 'output' has neurons of model 'leaky_integrator'"));
  auto spiking = deep_dense();
  spiking.layers[1].model = "lif";
  spiking.layers[1].model_parameters = {};
  REQUIRE_THROWS_WITH(trained(Sequential<float>(spiking, 1), conversion),
                      Catch::Contains("layer 'second' has neurons of model 'lif'"));
}
