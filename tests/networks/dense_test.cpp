#include "networks/layers/dense.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "core/error.hpp"
#include "plasticity/surrogate.hpp"
#include "tests/catch.hpp"

using namespace ranvier;

namespace {

LayerDescription lif_layer(std::size_t size) {
  LayerDescription layer;
  layer.name = "hidden";
  layer.size = size;
  layer.model_parameters.common = {{"tau_m", 5.0}};
  return layer;
}

std::unique_ptr<Surrogate<double>> threshold() {
  return surrogates().at("fast_sigmoid").make<double>();
}

}  // namespace

TEST_CASE("a dense layer drives each neuron with W x + b at every step") {
  const Dense<double> layer(lif_layer(2), 3, 1.0);
  const std::vector<double> parameters{0.1, 0.2, 0.3, -0.5, 0.5, 1.0, 0.05, -0.1};
  const std::vector<double> input{1, 0, 1, 0, 1, 1};  // two steps of one sample
  LayerTrace<double> trace;
  layer.forward(parameters, {input, 2, 1, false}, *threshold(), trace);
  const std::vector<double> drive{0.45, 0.4, 0.55, 1.4};
  for (std::size_t i = 0; i < drive.size(); ++i) REQUIRE(trace.drive[i] == Approx(drive[i]));
  // Neuron 0: V = 0.45, then 0.45 exp(-1/5) + 0.55 = 0.918 < 1. Neuron 1: 0.4, then 1.73 >= 1.
  REQUIRE(trace.output == std::vector<double>{0, 0, 0, 1});
}

TEST_CASE("an input that is the same at every step may be given once") {
  constexpr std::size_t steps = 6, samples = 2, inputs = 4;
  const Dense<double> layer(lif_layer(3), inputs, 1.0);
  std::vector<double> parameters(layer.tensors().back().offset + 3);
  layer.initialise(7, 0, parameters);
  const std::vector<double> once{0.9, 0.1, 0.4, 0.7, 0.2, 0.8, 0.6, 0.3};
  std::vector<double> repeated;
  for (std::size_t t = 0; t < steps; ++t) repeated.insert(repeated.end(), once.begin(), once.end());

  const auto surrogate = threshold();
  const auto run = [&](const Activity<double>& input, std::vector<double>& gradient,
                       std::vector<double>& grad_input) {
    LayerTrace<double> trace;
    layer.forward(parameters, input, *surrogate, trace);
    trace.grad_output.resize(trace.output.size());
    for (std::size_t i = 0; i < trace.output.size(); ++i) {
      trace.grad_output[i] = std::sin(static_cast<double>(i));
    }
    gradient.assign(parameters.size(), 0.0);
    grad_input.resize(input.values.size());
    layer.backward(parameters, input, *surrogate, true, trace, gradient, grad_input);
    return trace.output;
  };
  std::vector<double> gradient_once, gradient_repeated, input_once, input_repeated;
  REQUIRE(run({once, steps, samples, true}, gradient_once, input_once) ==
          run({repeated, steps, samples, false}, gradient_repeated, input_repeated));
  // The two sum the same steps x samples terms of order one in another order.
  constexpr double rounding = steps * samples * 1e-15;
  for (std::size_t i = 0; i < gradient_once.size(); ++i) {
    REQUIRE(gradient_once[i] == Approx(gradient_repeated[i]).margin(rounding));
  }
  for (std::size_t i = 0; i < once.size(); ++i) {
    double sum = 0.0;
    for (std::size_t t = 0; t < steps; ++t) sum += input_repeated[t * once.size() + i];
    REQUIRE(input_once[i] == Approx(sum).margin(rounding));
  }
}

TEST_CASE("where buffers lie in memory does not change a bit of a layer's gradients") {
  // Threads and checkpoints bring buffers of other alignments. The small layer is of a size for
  // which matrix libraries switch to another kernel.
  const auto [inputs, size, steps] =
      GENERATE(std::tuple<std::size_t, std::size_t, std::size_t>{33, 24, 5},
               std::tuple<std::size_t, std::size_t, std::size_t>{5, 4, 3});
  const Dense<float> layer(lif_layer(size), inputs, 1.0);
  const auto surrogate = surrogates().at("fast_sigmoid").make<float>();
  std::vector<float> parameters(inputs * size + size), values(steps * 2 * inputs);
  layer.initialise(3, 0, parameters);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<float>(i));

  std::vector<float> first_gradient, first_grad_input;
  for (std::size_t offset = 0; offset < 16; ++offset) {
    std::vector<float> a(parameters.size() + 16), b(parameters.size() + 16), c(values.size() + 16),
        d(values.size() + 16);
    const auto moved = std::span(a).subspan(offset, parameters.size());
    const auto gradient = std::span(b).subspan(15 - offset, parameters.size());
    const auto input = std::span(c).subspan(offset / 2, values.size());
    const auto grad_input = std::span(d).subspan(offset, values.size());
    std::ranges::copy(parameters, moved.begin());
    std::ranges::copy(values, input.begin());
    LayerTrace<float> trace;
    const Activity<float> activity{input, steps, 2, false};
    layer.forward(moved, activity, *surrogate, trace);
    trace.grad_output.resize(trace.output.size());
    for (std::size_t i = 0; i < trace.output.size(); ++i) {
      trace.grad_output[i] = std::cos(static_cast<float>(i));
    }
    layer.backward(moved, activity, *surrogate, true, trace, gradient, grad_input);
    if (offset == 0) {
      first_gradient.assign(gradient.begin(), gradient.end());
      first_grad_input.assign(grad_input.begin(), grad_input.end());
    }
    CAPTURE(inputs, offset);
    REQUIRE(std::ranges::equal(gradient, first_gradient));
    REQUIRE(std::ranges::equal(grad_input, first_grad_input));
  }
}

TEST_CASE("initial weights have the variance of their rule and the biases are zero") {
  constexpr std::size_t inputs = 300, size = 200;
  for (const std::string rule :
       {"kaiming_uniform", "kaiming_normal", "xavier_uniform", "xavier_normal"}) {
    CAPTURE(rule);
    auto description = lif_layer(size);
    description.parameters = {{"initialisation", rule}, {"gain", 0.7}};
    const Dense<double> layer(description, inputs, 1.0);
    std::vector<double> w(inputs * size + size, 1.0);
    layer.initialise(5, 1, w);
    const double variance =
        0.49 / (rule.starts_with("kaiming") ? double(inputs) : 0.5 * (inputs + size));
    double mean = 0.0, square = 0.0;
    for (std::size_t i = 0; i < inputs * size; ++i) mean += w[i], square += w[i] * w[i];
    mean /= inputs * size;
    square /= inputs * size;
    // Five standard errors; the fourth moment is at most three times the squared variance.
    REQUIRE(std::abs(mean) < 5.0 * std::sqrt(variance / (inputs * size)));
    REQUIRE(std::abs(square - variance) < 5.0 * variance * std::sqrt(2.0 / (inputs * size)));
    REQUIRE(std::accumulate(w.end() - size, w.end(), 0.0) == 0.0);
    if (rule.ends_with("uniform")) {
      const double bound = std::sqrt(3.0 * variance);
      REQUIRE(std::all_of(w.begin(), w.end(), [&](double x) { return std::abs(x) <= bound; }));
    }
  }
}

TEST_CASE("a neuron's initial weights do not depend on how many neurons there are") {
  const Dense<float> small(lif_layer(3), 5, 1.0), large(lif_layer(8), 5, 1.0);
  std::vector<float> of_small(3 * 5 + 3), of_large(8 * 5 + 8), of_next(8 * 5 + 8);
  small.initialise(9, 2, of_small);
  large.initialise(9, 2, of_large);
  large.initialise(9, 3, of_next);
  REQUIRE(std::equal(of_small.begin(), of_small.begin() + 15, of_large.begin()));
  REQUIRE(of_next != of_large);
}

TEST_CASE("a dense layer that cannot be built says which layer and why") {
  const auto message = [](LayerDescription layer) {
    try {
      Dense<float>(layer, 4, 1.0);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  auto layer = lif_layer(3);
  layer.model = "lfi";
  REQUIRE(message(layer) == "layer 'hidden': unknown neuron model 'lfi'; did you mean 'lif'?");
  layer = lif_layer(3);
  layer.model_parameters.common = {{"tau_m", -1.0}};
  REQUIRE_THAT(message(layer), Catch::Matchers::Contains("layer 'hidden'"));
  REQUIRE_THAT(message(layer), Catch::Matchers::Contains("tau_m"));
  layer = lif_layer(3);
  layer.parameters = {{"gian", 1.0}};
  REQUIRE_THAT(message(layer), Catch::Matchers::Contains("did you mean 'gain'"));
}
