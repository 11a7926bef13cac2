#include "networks/sequential.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/error.hpp"
#include "tests/catch.hpp"

using namespace ranvier;

namespace {

const std::vector<std::uint8_t> labels{2, 0, 1};

LayerDescription layer(std::size_t size, ValueMap model_parameters) {
  LayerDescription description;
  description.size = size;
  description.model_parameters.common = std::move(model_parameters);
  return description;
}

SequentialDescription small_network() {
  SequentialDescription description;
  description.inputs = 5;
  description.steps = 6;
  description.detach_reset = false;
  description.layers = {layer(6, {{"tau_m", 4.0}}), layer(4, {{"tau_m", 3.0}, {"reset", "hard"}}),
                        layer(3, {{"tau_m", 5.0}})};
  // Drives around threshold under a surrogate wider than they, so that spikes and slopes are neither all zero nor all alike.
  for (auto& l : description.layers) l.parameters = {{"gain", 2.0}};
  description.surrogate.parameters = {{"width", 1.5}};
  return description;
}

SequentialTrace<double> some_samples(std::size_t inputs = 5) {
  SequentialTrace<double> trace;
  trace.samples = {4, 7, 9};
  for (std::size_t i = 0; i < 3 * inputs; ++i)
    trace.values.push_back(0.5 + 0.43 * std::sin(1.7 * static_cast<double>(i) + 0.3));
  return trace;
}

double total(const Objective& objective) { return objective.loss + objective.penalty; }

/// Largest difference between the gradient and central differences, relative to the largest
/// gradient, over all parameters and inputs.
double gradient_error(const SequentialDescription& description, const RateRegularisation& penalty,
                      std::uint32_t epoch = 1) {
  Sequential<double> network(description, 3, true);
  auto trace = some_samples(network.inputs());
  std::vector<double> gradient(network.parameters().size());
  std::vector<double> grad_values(trace.values.size());
  network.forward(1, epoch, trace);
  network.backward(labels, penalty, 1.0, trace, gradient, grad_values);

  const auto difference = [&](double& x) {
    // Error h^2 f'''/6 plus rounding 1e-16/h: near 1e-10 both for derivatives of order one.
    constexpr double h = 1e-5;
    const double before = x;
    x = before + h;
    network.forward(1, epoch, trace);
    const double above = total(network.objective(labels, penalty, trace));
    x = before - h;
    network.forward(1, epoch, trace);
    const double below = total(network.objective(labels, penalty, trace));
    x = before;
    return (above - below) / (2.0 * h);
  };
  double largest = 0.0, error = 0.0;
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    largest = std::max(largest, std::abs(gradient[i]));
    error = std::max(error, std::abs(difference(network.parameters()[i]) - gradient[i]));
  }
  REQUIRE(largest > 1e-3);
  double largest_value = 0.0, value_error = 0.0;
  for (std::size_t i = 0; i < grad_values.size(); ++i) {
    largest_value = std::max(largest_value, std::abs(grad_values[i]));
    value_error = std::max(value_error, std::abs(difference(trace.values[i]) - grad_values[i]));
  }
  REQUIRE(largest_value > 1e-3);
  return std::max(error / largest, value_error / largest_value);
}

}  // namespace

TEST_CASE("the gradient of a network equals finite differences for every encoding of values") {
  for (const auto& [name, kind] : encodings()) {
    CAPTURE(name);
    if (kind.make<double>({})->reads_events()) continue;
    auto description = small_network();
    description.encoding.name = name;
    if (name == "poisson") description.encoding.parameters = {{"max_rate", 900.0}};
    REQUIRE(gradient_error(description, {}) < 1e-5);
  }
}

TEST_CASE("the gradient of a network equals finite differences for every loss") {
  for (const auto& [name, kind] : losses()) {
    CAPTURE(name);
    auto description = small_network();
    description.loss.name = name;
    if (name.ends_with("membrane")) description.layers.back().model = "leaky_integrator";
    REQUIRE(gradient_error(description, {}) < 1e-5);
  }
}

TEST_CASE("the gradient of a network equals finite differences for every surrogate") {
  for (const auto& [name, kind] : surrogates()) {
    CAPTURE(name);
    auto description = small_network();
    description.surrogate.name = name;
    REQUIRE(gradient_error(description, {}) < 1e-5);
  }
}

namespace {

/// A network on images of 2 x 4 x 4 with what `change` makes of its first layer.
template <class Change>
SequentialDescription image_network(const Change& change) {
  auto description = small_network();
  description.inputs = 32;
  description.shape = {2, 4, 4};
  LayerDescription first;
  first.kind = "convolution";
  first.parameters = {{"filters", std::int64_t{3}},
                      {"kernel", std::int64_t{3}},
                      {"padding", std::int64_t{1}},
                      {"gain", 3.0}};
  first.model_parameters.common = {{"tau_m", 4.0}};
  description.layers = {first, layer(3, {{"tau_m", 5.0}})};
  description.layers[1].parameters = {{"gain", 2.0}};
  change(description.layers);
  return description;
}

LayerDescription without_neurons(const std::string& name, const std::string& kind,
                                 ValueMap parameters) {
  LayerDescription described;
  described.name = name;
  described.kind = kind;
  described.model = no_model;
  described.parameters = std::move(parameters);
  return described;
}

}  // namespace

TEST_CASE("the gradient of every kind of layer equals finite differences") {
  const auto error_with = [](const auto& change) {
    return gradient_error(image_network(change), {});
  };
  using Layers = std::vector<LayerDescription>;
  SECTION("convolution") {
    REQUIRE(error_with([](Layers&) {}) < 1e-5);
  }
  SECTION("convolution with groups and stride") {
    REQUIRE(error_with([](Layers& layers) {
              layers[0].parameters["filters"] = std::int64_t{4};
              layers[0].parameters["groups"] = std::int64_t{2};
              layers[0].parameters["stride"] = std::int64_t{2};
            }) < 1e-5);
  }
  SECTION("pools") {
    for (const std::string kind : {"average_pool", "max_pool"}) {
      CAPTURE(kind);
      REQUIRE(error_with([&](Layers& layers) {
                layers.insert(layers.begin() + 1, without_neurons("pool", kind, {}));
              }) < 1e-5);
    }
  }
  SECTION("batch normalisation, in front of and behind time") {
    REQUIRE(error_with([](Layers& layers) {
              layers[0].batch_norm.emplace();
              layers[1].batch_norm.emplace();
            }) < 1e-5);
  }
  SECTION("batch normalisation in evaluation") {
    REQUIRE(gradient_error(image_network([](Layers& layers) { layers[0].batch_norm.emplace(); }),
                           {}, 0) < 1e-5);
  }
  SECTION("dropout") {
    REQUIRE(error_with([](Layers& layers) { layers[0].dropout = 0.3; }) < 1e-5);
  }
  SECTION("a branch that joins again") {
    REQUIRE(error_with([](Layers& layers) {
              layers[0].name = "first";
              auto second = layers[0];
              second.name = "second";
              second.add = "shortcut";
              second.input = "first";
              layers.insert(
                  layers.begin() + 1,
                  {without_neurons("shortcut", "convolution",
                                   {{"filters", std::int64_t{3}}, {"kernel", std::int64_t{1}}}),
                   second});
            }) < 1e-5);
  }
  SECTION("a residual sum with the encoded drive of an earlier layer") {
    REQUIRE(error_with([](Layers& layers) {
              auto plain = layers[0];
              plain.name = "plain";
              plain.model = no_model;
              layers[0].name = "first";
              layers[0].input = "plain";
              layers[0].add = "plain";
              layers.insert(layers.begin(), plain);
            }) < 1e-5);
  }
}

TEST_CASE("the gradient of recurrent populations equals finite differences") {
  for (const std::string model : {"lif", "alif"}) {
    CAPTURE(model);
    auto description = small_network();
    description.layers[0].model = model;
    description.layers[0].recurrent = true;
    REQUIRE(gradient_error(description, {}) < 1e-5);
  }
}

TEST_CASE("the gradient by a model's own parameters equals finite differences") {
  for (const bool each : {false, true}) {
    auto description = small_network();
    description.layers[0].model = "alif";
    description.layers[0].trained = {"tau_m", "V_th", "tau_adapt", "beta"};
    description.layers[1].trained = {"V_th", "tau_m"};
    description.layers[0].trained_per_neuron = each;
    REQUIRE(gradient_error(description, {}) < 1e-5);
  }
}

TEST_CASE("windows change the memory, not the gradient") {
  auto description = small_network();
  description.layers[0].recurrent = true;
  description.encoding.name = "poisson";
  const auto gradient_of = [&](std::size_t window, bool truncated) {
    description.window = window;
    description.truncated = truncated;
    Sequential<double> network(description, 3);
    auto trace = some_samples();
    std::vector<double> gradient(network.parameters().size());
    network.forward(1, 1, trace);
    network.backward(labels, {}, 1.0, trace, gradient);
    return gradient;
  };
  const auto whole = gradient_of(0, false);
  const auto cut = gradient_of(4, false);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    REQUIRE(cut[i] == Approx(whole[i]).margin(1e-13));
  }
  REQUIRE(gradient_of(4, true) != cut);
}

namespace {

/// What a network of true spikes leaves in `epoch`: its gradient and the output of its first layer.
/// In training spikes are stored as bits between the way forward and back, in evaluation as they are.
struct Left {
  std::vector<double> gradient, first_layer;
  double penalty;

  bool operator==(const Left&) const = default;
};

Left left_by(const SequentialDescription& description, std::uint32_t epoch) {
  Sequential<double> network(description, 3);
  auto trace = some_samples(network.inputs());
  const RateRegularisation penalty{.strength = description.window == 0 ? 0.1 : 0.0};
  network.forward(1, epoch, trace);
  Left left{.gradient = std::vector<double>(network.parameters().size()),
            .first_layer = network.layer_output(0, trace),
            .penalty = network.objective(labels, penalty, trace).penalty};
  network.backward(labels, penalty, 1.0, trace, left.gradient);
  return left;
}

}  // namespace

TEST_CASE("spikes stored as bits give the gradient of the spikes") {
  auto recurrent = small_network();
  recurrent.layers[0].recurrent = true;
  auto windowed = small_network();
  windowed.window = 2;
  const auto pooled = image_network([](auto& layers) {
    layers.insert(layers.begin() + 1, without_neurons("pool", "average_pool", {}));
  });
  auto residual = small_network();
  residual.layers[1].size = 6;
  residual.layers[1].add = "layer_1";
  for (const auto& description : {small_network(), recurrent, windowed, pooled, residual}) {
    const auto stored = left_by(description, 1);
    CHECK(std::ranges::any_of(stored.first_layer, [](double x) { return x == 1.0; }));
    CHECK(std::ranges::any_of(stored.gradient, [](double g) { return g != 0.0; }));
    CHECK(stored == left_by(description, 0));
  }
}

TEST_CASE("the gradient includes the penalty on firing rates") {
  const RateRegularisation penalty{.strength = 20.0, .lower = 0.45, .upper = 0.5};
  REQUIRE(gradient_error(small_network(), penalty) < 1e-5);
}

TEST_CASE("an answer exists after one step whatever the depth") {
  SequentialDescription description;
  description.inputs = 1;
  description.steps = 1;
  description.layers = {layer(1, {}), layer(1, {}), layer(1, {})};
  Sequential<double> network(description, 1);
  for (const std::string name : {"layer_1.weight", "layer_2.weight", "layer_3.weight"}) {
    network.tensor(name)[0] = 1.5;
  }
  SequentialTrace<double> trace;
  trace.samples = {0};
  trace.values = {1.0};
  network.forward(1, 0, trace);
  REQUIRE(network.output(trace).values[0] == 1.0);
}

TEST_CASE("a chunk's outputs and gradients do not depend on which samples share it") {
  auto description = small_network();
  description.encoding.name = "poisson";
  const Sequential<double> network(description, 3);
  auto together = some_samples();
  network.forward(1, 1, together);
  std::vector<double> gradient(network.parameters().size());
  network.backward(labels, {}, 1.0, together, gradient);

  std::vector<double> sum(gradient.size());
  for (std::size_t b = 0; b < 3; ++b) {
    SequentialTrace<double> alone;
    alone.samples = {together.samples[b]};
    alone.values.assign(together.values.begin() + 5 * b, together.values.begin() + 5 * (b + 1));
    network.forward(1, 1, alone);
    for (std::size_t t = 0; t < description.steps; ++t) {
      for (std::size_t k = 0; k < 3; ++k) {
        REQUIRE(network.output(alone).values[t * 3 + k] ==
                network.output(together).values[(t * 3 + b) * 3 + k]);
      }
    }
    network.backward(std::span(labels).subspan(b, 1), {}, 1.0, alone, sum);
  }
  // The same sums of some thirty terms of order one, grouped by sample.
  for (std::size_t i = 0; i < sum.size(); ++i) {
    REQUIRE(sum[i] == Approx(gradient[i]).epsilon(1e-12).margin(1e-13));
  }
}

TEST_CASE("tensors tile the parameters of a network and are found by name") {
  Sequential<float> network(small_network(), 1);
  std::size_t end = 0;
  for (const auto& tensor : network.tensors()) {
    REQUIRE(tensor.offset == end);
    end += tensor.size();
  }
  REQUIRE(end == network.parameters().size());
  REQUIRE(network.tensor("layer_2.weight").size() == 4 * 6);
  REQUIRE(network.tensor("layer_3.bias").size() == 3);
  REQUIRE_THROWS_WITH(network.tensor("layer_2.wieght"),
                      Catch::Matchers::Contains("did you mean 'layer_2.weight'"));
}

TEST_CASE("a network that makes no sense is refused with the reason") {
  const auto refused = [](auto change, const std::string& reason) {
    auto description = small_network();
    change(description);
    REQUIRE_THROWS_WITH(Sequential<float>(description, 1), Catch::Matchers::Contains(reason));
  };
  refused([](auto& d) { d.layers.clear(); }, "no layers");
  refused([](auto& d) { d.inputs = 0; }, "no inputs");
  refused([](auto& d) { d.steps = 0; }, "0 steps");
  refused([](auto& d) { d.step = -1.0; }, "-1 ms");
  refused([](auto& d) { d.truncated = true; }, "expected a window of at least 1 step");
  refused([](auto& d) { d.layers[1].size = 0; }, "layer 'layer_2' has size 0");
  refused([](auto& d) { d.layers[0].name = "layer_2"; }, "two layers are called 'layer_2'");
  refused([](auto& d) { d.layers[2].kind = "dens"; }, "layer 'layer_3': unknown layer 'dens'");
  refused([](auto& d) { d.layers[2].learning.weight_rule = "x"; }, "layer 'layer_3': unknown");
  refused([](auto& d) { d.error_transport = "transposed"; }, "did you mean 'transpose'");
  refused([](auto& d) { d.credit = "eprop"; }, "did you mean 'e_prop'");
  refused([](auto& d) { d.layers[1].model = "liff"; }, "layer 'layer_2': unknown neuron model or");
  refused([](auto& d) { d.layers[1].trained = {"tau"}; }, "no trainable parameter 'tau'");
  refused([](auto& d) { d.layers[1].add = "layer_3"; }, "no earlier layer is called 'layer_3'");
  refused([](auto& d) { d.layers[1].add = "layer_1"; },
          "adds layer 'layer_1' of 6 to a drive of 4");
  refused([](auto& d) { d.layers[1].dropout = 1.0; }, "a dropout of 1");
  refused([](auto& d) { d.loss.name = "last"; }, "unknown loss 'last'");
}
