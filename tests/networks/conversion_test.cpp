/// A quantised network made to spike: what its neurons send adds up to what the activations were.

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/error.hpp"
#include "core/simulation.hpp"
#include "networks/deployment.hpp"
#include "networks/trained_network.hpp"
#include "tests/catch.hpp"
#include "tests/networks/quantised_networks.hpp"

using namespace ranvier;
using namespace ranvier::testing;

namespace {

std::vector<double> spike_counts(const Simulation& simulation, const TrainedLayer& layer) {
  std::vector<double> counts(layer.size());
  for (const auto neuron : simulation.spikes(layer.name).neurons) counts[neuron] += 1.0;
  return counts;
}

}  // namespace

TEST_CASE("a neuron of the converted kind sends floor(1/2 + T z) spikes in T steps") {
  // Binary fractions, so that a membrane that reaches the threshold does so exactly.
  for (const double z : {0.3125, 0.5, 1.0, 0.0625, 0.0, -0.25}) {
    Network network;
    network.add(PopulationSpec{.name = "cell", .model = "integrate_and_fire", .size = 1});
    network.set_parameter("cell", "V_initial", Value(0.5));
    network.set_parameter("cell", "I_e", Value(z));
    Simulation simulation(std::move(network), {.runtime = "clock", .resolution = 1.0});
    for (int T = 1; T <= 16; ++T) {
      simulation.run(1.0);
      const double expected = std::clamp(std::floor(0.5 + T * z), 0.0, double(T));
      REQUIRE(static_cast<double>(simulation.spikes("cell").size()) == expected);
    }
  }
}

TEST_CASE("with as many steps as levels one hidden layer gives the trained scores") {
  constexpr std::int64_t levels = 8;
  const Sequential<float> network(quantised_network({quantised("hidden", 30, levels, 1.5)}), 3);
  const auto sample = some_sample(network.inputs());
  auto simulation = spiking(trained(network), sample);
  simulation.run(static_cast<double>(levels));
  const auto sum = simulation.state("output", "V_m");
  const auto expected = scores_before(network, sample);
  for (std::size_t k = 0; k < expected.size(); ++k) {
    // The trained network rounds its 72 products and its levels to 6e-8.
    REQUIRE(sum[k] / levels == Approx(expected[k]).margin(1e-5));
  }
}

TEST_CASE("every layer obeys the rate identity to rounding") {
  const auto convolution = quantised_convolution("conv", 3, 4, 1.0);
  LayerDescription pool;
  pool.name = "pool";
  pool.kind = "average_pool";
  const Sequential<float> network(
      quantised_network({convolution, pool, quantised("dense", 12, 4, 0.8)}), 5);
  const auto converted = trained(network);
  REQUIRE(converted.layers.size() == 3);
  const auto sample = some_sample(network.inputs());
  auto simulation = spiking(converted, sample);
  constexpr double T = 25;
  simulation.run(T);

  std::vector<double> previous(sample.begin(), sample.end());
  for (std::size_t l = 0; l + 1 < converted.layers.size(); ++l) {
    const auto& layer = converted.layers[l];
    // phi(T) = W phi_prev(T) + b - (v(T) - v(0))/T, with rates in units of threshold.
    const auto threshold = std::get<double>(layer.parameters.common.at("V_th"));
    const auto counts = spike_counts(simulation, layer);
    const auto membrane = simulation.state(layer.name, "V_m");
    const auto& map = layer.projections.at(0).map;
    const auto drive = product(map, previous);
    for (std::size_t i = 0; i < layer.size(); ++i) {
      const double rate = threshold * counts[i] / T;
      const double left = (membrane[i] - 0.5 * threshold) / T;
      REQUIRE(rate == Approx(drive[i] + layer.bias[i] - left).margin(1e-12));
    }
    previous.resize(counts.size());
    std::ranges::transform(counts, previous.begin(), [](double n) { return n / T; });
  }
}

TEST_CASE("normalisation folds into the synapses") {
  auto first = quantised("conv", 0, 4, 1.0);
  first.kind = "convolution";
  first.model = "leaky_integrator";
  first.model_parameters.common = {{"tau_m", std::numeric_limits<double>::infinity()}};
  first.parameters = {{"filters", std::int64_t{2}}};
  first.batch_norm.emplace();
  auto description = quantised_network({});
  description.layers = {first, scores(4)};
  Sequential<float> network(description, 7);
  for (const std::string name : {"norm_scale", "norm_shift", "norm_mean", "norm_variance"}) {
    auto values = network.tensor("conv." + name);
    values[0] = 0.7F;
    values[1] = 1.3F;
  }
  const auto sample = some_sample(network.inputs());
  const std::vector<double> input(sample.begin(), sample.end());
  const auto converted = trained(network);
  auto folded = product(converted.layers[0].projections[0].map, input);
  SequentialTrace<float> trace;
  trace.samples = {0};
  trace.values = sample;
  network.forward(1, 0, trace);
  const auto output = network.layer_output(0, trace);
  for (std::size_t i = 0; i < folded.size(); ++i) {
    REQUIRE(output[i] == Approx(folded[i] + converted.layers[0].bias[i]).margin(1e-5));
  }
}

TEST_CASE("what spikes cannot compute is refused by name") {
  LayerDescription pool;
  pool.name = "largest";
  pool.kind = "max_pool";
  const Sequential<float> network(quantised_network({pool}), 1);
  REQUIRE_THROWS_WITH(trained(network), Catch::Contains("layer 'largest' is of kind max_pool"));
  auto rectified = quantised("hidden", 5, 4, 1.0);
  rectified.model = "relu";
  rectified.model_parameters = {};
  REQUIRE_THROWS_WITH(trained(Sequential<float>(quantised_network({rectified}), 1)),
                      Catch::Contains("the activation 'relu', which has no levels"));
}
