/// Layers deployed by place, then channel, against the same layers as they were trained.

#include <algorithm>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "networks/inference.hpp"
#include "networks/neuron_order.hpp"
#include "networks/trained_network.hpp"
#include "tests/catch.hpp"
#include "tests/networks/quantised_networks.hpp"

using namespace ranvier;
using namespace ranvier::testing;

namespace {

constexpr std::size_t steps = 8;

/// Channels of several places before a layer of neurons in a row.
TrainedNetwork network_of(const Conversion& conversion) {
  auto pool = scores(0);
  pool.name = "pool";
  pool.kind = "average_pool";
  pool.model = no_model;
  pool.model_parameters = {};
  pool.parameters = {{"window", std::int64_t{2}}};
  Sequential<float> network(quantised_network({quantised_convolution("first", 5, 4, 0.4), pool,
                                               quantised_convolution("second", 3, 4, 0.3),
                                               quantised("dense", 12, 4, 0.3)}),
                            5);
  for (const std::string layer : {"first", "second"}) {
    auto shift = network.tensor(layer + ".norm_shift");
    for (std::size_t k = 0; k < shift.size(); ++k) shift[k] = 0.05F * static_cast<float>(k) - 0.1F;
  }
  auto result = trained(network, conversion);
  result.description.steps = steps;
  return result;
}

/// What the layers send as they were trained, in order of (time, neuron).
std::vector<SpikeTrain> as_trained(const TrainedNetwork& network,
                                   const std::vector<float>& sample) {
  auto simulation = spiking(network, sample);
  simulation.run(static_cast<double>(steps));
  std::vector<SpikeTrain> spikes;
  for (const auto& layer : network.layers) spikes.push_back(simulation.spikes(layer.name));
  return spikes;
}

}  // namespace

TEST_CASE("an observed layer has the spikes, and the numbers, of the trained one") {
  const std::string runtime = GENERATE("clock", "event");
  const std::string variant = GENERATE("unsigned", "signed");
  CAPTURE(runtime, variant);
  Conversion conversion;
  if (variant == "signed") {
    conversion = configured<Conversion>({{"variant", std::string("signed")}}, "a test");
  }
  const auto network = network_of(conversion);
  const auto sample = some_sample(network.description.inputs);
  const auto expected = as_trained(network, sample);
  Inference inference(network, {.runtime = runtime});
  const auto found = inference.observe(sample, 0).spikes;
  REQUIRE(found.size() == expected.size());
  std::size_t all = 0;
  for (std::size_t k = 0; k < found.size(); ++k) {
    CAPTURE(network.layers[k].name);
    REQUIRE(found[k].times == expected[k].times);
    REQUIRE(found[k].neurons == expected[k].neurons);
    all += found[k].size();
  }
  CHECK(all > 250);
}

TEST_CASE("neurons are numbered by place, then channel, and each keeps what it was trained for") {
  const auto before = network_of({});
  auto after = before;
  const NeuronOrder order(after);
  const auto& trained_layer = before.layers[0];
  const auto& layer = after.layers[0];
  REQUIRE(trained_layer.shape == Shape{5, 6, 6});
  for (NeuronId place = 0; place < 36; ++place) {
    for (NeuronId channel = 0; channel < 5; ++channel) {
      const auto i = place * 5 + channel;
      REQUIRE(order.trained(0, i) == channel * 36 + place);
      REQUIRE(layer.bias[i] == trained_layer.bias[channel * 36 + place]);
    }
  }
  // The last layer is as it was, for its neurons are the classes.
  for (NeuronId i = 0; i < 4; ++i) REQUIRE(order.trained(after.layers.size() - 1, i) == i);
  CHECK(after.layers.back().bias == before.layers.back().bias);
}

TEST_CASE("synapses that do not fit are refused before neurons are put in order") {
  auto network = network_of({});
  network.layers[1].projections[0].source = 17;
  CHECK_THROWS_AS(NeuronOrder(network), InvalidValue);
}
