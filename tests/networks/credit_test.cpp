/// Online rules against their defining equations on a network of two layers.

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/error.hpp"
#include "networks/sequential.hpp"
#include "tests/catch.hpp"

using namespace ranvier;

namespace {

constexpr std::size_t inputs = 4, hidden = 5, classes = 3, steps = 7, samples = 2;
constexpr double tau = 3.0, tau_out = 4.0, tau_adapt = 6.0, beta = 0.3;
const std::vector<std::uint8_t> labels{2, 0};

/// Hidden neurons, then a leaky readout whose potential is judged after every step.
SequentialDescription two_layers(const std::string& model, const std::string& credit) {
  SequentialDescription description;
  description.inputs = inputs;
  description.steps = steps;
  description.encoding.name = "poisson";
  description.layers.resize(2);
  auto& first = description.layers[0];
  first.name = "hidden";
  first.size = hidden;
  first.model = model;
  first.model_parameters.common = {{"tau_m", tau}};
  if (model == "alif") {
    first.model_parameters.common.insert({{"tau_adapt", tau_adapt}, {"beta", beta}});
  }
  first.parameters = {{"gain", 2.0}};
  auto& last = description.layers[1];
  last.name = "output";
  last.size = classes;
  last.model = "leaky_integrator";
  last.model_parameters.common = {{"tau_m", tau_out}};
  description.surrogate.parameters = {{"width", 1.5}};
  description.loss = {"every_step", {{"readout", std::string("last")}}};
  description.credit = credit;
  return description;
}

struct Pass {
  explicit Pass(const SequentialDescription& description) : network(description, 3) {
    trace.samples = {3, 8};
    for (std::size_t i = 0; i < samples * inputs; ++i) {
      trace.values.push_back(0.5 + 0.45 * std::sin(1.9 * static_cast<double>(i)));
    }
    gradient.resize(network.parameters().size());
    network.forward(1, 1, trace);
    network.backward(labels, {}, 1.0, trace, gradient);
    slope = surrogates().at("fast_sigmoid").make<double>({{"width", 1.5}});
  }

  double weight(const std::string& name, std::size_t row, std::size_t column,
                std::size_t width) const {
    return network.tensor(name)[row * width + column];
  }
  double input(std::size_t t, std::size_t b, std::size_t j) const {
    return trace.activity[(t * samples + b) * inputs + j];
  }
  /// dL/d(potential of the readout) at step t, of the loss of that step alone.
  double error(std::size_t t, std::size_t b, std::size_t k) const {
    return trace.grad_output[(t * samples + b) * classes + k];
  }
  double psi(double excess) const {
    const std::vector<double> x{excess};
    std::vector<double> y(1);
    slope->slopes(x, y);
    return y[0];
  }
  std::vector<double> part(const std::string& name) const {
    for (const auto& tensor : network.tensors()) {
      if (tensor.name != name) continue;
      return {gradient.begin() + static_cast<std::ptrdiff_t>(tensor.offset),
              gradient.begin() + static_cast<std::ptrdiff_t>(tensor.offset + tensor.size())};
    }
    return {};
  }

  Sequential<double> network;
  SequentialTrace<double> trace;
  std::vector<double> gradient;
  std::unique_ptr<Surrogate<double>> slope;
};

/// The hidden neurons of one sample, step by step, as their equations say.
struct Hidden {
  explicit Hidden(const Pass& p, bool adapts, bool recurrent)
      : pass(p), adaptive(adapts), recurs(recurrent) {}

  void advance(std::size_t t, std::size_t b) {
    const auto before = z;
    for (std::size_t i = 0; i < hidden; ++i) {
      double drive = pass.weight("hidden.bias", i, 0, 1);
      for (std::size_t j = 0; j < inputs; ++j) {
        drive += pass.weight("hidden.weight", i, j, inputs) * pass.input(t, b, j);
      }
      if (recurs) {
        for (std::size_t j = 0; j < hidden; ++j) {
          drive += pass.weight("hidden.recurrent", i, j, hidden) * before[j];
        }
      }
      V[i] = std::exp(-1.0 / tau) * V[i] + drive;
      a[i] *= std::exp(-1.0 / tau_adapt);
      const double threshold = 1.0 + (adaptive ? beta * a[i] : 0.0);
      excess[i] = V[i] - threshold;
      z[i] = excess[i] >= 0.0 ? 1.0 : 0.0;
      V[i] -= z[i] * threshold;
      a[i] += adaptive ? z[i] : 0.0;
    }
  }

  const Pass& pass;
  bool adaptive, recurs;
  std::vector<double> V = std::vector<double>(hidden), a = V, z = V, excess = V;
};

void require_equal(const std::vector<double>& actual, const std::vector<double>& expected) {
  REQUIRE(actual.size() == expected.size());
  double largest = 0.0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    REQUIRE(actual[i] == Approx(expected[i]).margin(1e-13));
    largest = std::max(largest, std::abs(expected[i]));
  }
  REQUIRE(largest > 1e-3);
}

}  // namespace

TEST_CASE("OTTT sums errors of each step times traces of the presynaptic spikes") {
  const Pass pass(two_layers("lif", "ottt"));
  std::vector<double> first(hidden * inputs), second(classes * hidden);
  for (std::size_t b = 0; b < samples; ++b) {
    Hidden neurons(pass, false, false);
    std::vector<double> x(inputs), s(hidden);
    for (std::size_t t = 0; t < steps; ++t) {
      neurons.advance(t, b);
      for (std::size_t j = 0; j < inputs; ++j) {
        x[j] = std::exp(-1.0 / tau) * x[j] + pass.input(t, b, j);
      }
      for (std::size_t i = 0; i < hidden; ++i) {
        s[i] = std::exp(-1.0 / tau_out) * s[i] + neurons.z[i];
      }
      for (std::size_t i = 0; i < hidden; ++i) {
        double signal = 0.0;
        for (std::size_t k = 0; k < classes; ++k) {
          second[k * hidden + i] += pass.error(t, b, k) * s[i];
          signal += pass.error(t, b, k) * pass.weight("output.weight", k, i, hidden);
        }
        for (std::size_t j = 0; j < inputs; ++j) {
          first[i * inputs + j] += signal * pass.psi(neurons.excess[i]) * x[j];
        }
      }
    }
  }
  require_equal(pass.part("hidden.weight"), first);
  require_equal(pass.part("output.weight"), second);
}

TEST_CASE("OTTT finds the same gradient window by window, in the order of time") {
  auto description = two_layers("lif", "ottt");
  const Pass whole(description);
  description.window = 2;
  const Pass cut(description);
  require_equal(cut.gradient, whole.gradient);
}

TEST_CASE("for one layer with a detached reset OTTT is backpropagation through time") {
  const auto gradient_of = [](const std::string& credit) {
    auto description = two_layers("lif", credit);
    description.layers.erase(description.layers.begin());
    return Pass(description).part("output.weight");
  };
  require_equal(gradient_of("ottt"), gradient_of("bptt"));
}

TEST_CASE("e-prop sums learning signals times eligibility traces") {
  for (const std::string model : {"lif", "alif"}) {
    CAPTURE(model);
    auto description = two_layers(model, "e_prop");
    description.layers[0].recurrent = true;
    const Pass pass(description);
    const bool adaptive = model == "alif";
    std::vector<double> into(hidden * inputs), recurrent(hidden * hidden);
    for (std::size_t b = 0; b < samples; ++b) {
      Hidden neurons(pass, adaptive, true);
      // Of the synapses from inputs, then from hidden neurons: how the potential and the adaptation
      // follow the weight, and the eligibility filtered by the readout.
      std::vector<double> potential(hidden * (inputs + hidden)), adaptation = potential,
                                                                 filtered = potential;
      for (std::size_t t = 0; t < steps; ++t) {
        const auto before = neurons.z;
        neurons.advance(t, b);
        for (std::size_t i = 0; i < hidden; ++i) {
          double signal = 0.0;
          for (std::size_t k = 0; k < classes; ++k) {
            signal += pass.error(t, b, k) * pass.weight("output.weight", k, i, hidden);
          }
          for (std::size_t j = 0; j < inputs + hidden; ++j) {
            auto& eps_V = potential[i * (inputs + hidden) + j];
            auto& eps_a = adaptation[i * (inputs + hidden) + j];
            auto& e_bar = filtered[i * (inputs + hidden) + j];
            eps_V = std::exp(-1.0 / tau) * eps_V +
                    (j < inputs ? pass.input(t, b, j) : before[j - inputs]);
            // a decays, then moves the threshold, by which the reset lowers V, then grows by the
            // spike. The spike in the reset of V is detached.
            eps_a *= std::exp(-1.0 / tau_adapt);
            const double of_threshold = adaptive ? beta * eps_a : 0.0;
            const double e = pass.psi(neurons.excess[i]) * (eps_V - of_threshold);
            eps_V -= neurons.z[i] * of_threshold;
            eps_a += e;
            e_bar = std::exp(-1.0 / tau_out) * e_bar + e;
            // With the leaky readout inside, its filter runs over the eligibility.
            auto& sum = j < inputs ? into[i * inputs + j] : recurrent[i * hidden + j - inputs];
            sum += signal * e_bar;
          }
        }
      }
    }
    require_equal(pass.part("hidden.weight"), into);
    require_equal(pass.part("hidden.recurrent"), recurrent);
  }
}

TEST_CASE("direct feedback sends the output's error to each layer by a matrix of its own") {
  auto description = two_layers("lif", "ottt");
  description.error_transport = "direct_feedback";
  const Pass pass(description);
  const auto matrix = pass.network.tensor("hidden.direct_feedback");
  REQUIRE(matrix.size() == hidden * classes);
  std::vector<double> first(hidden * inputs);
  for (std::size_t b = 0; b < samples; ++b) {
    Hidden neurons(pass, false, false);
    std::vector<double> x(inputs);
    for (std::size_t t = 0; t < steps; ++t) {
      neurons.advance(t, b);
      for (std::size_t j = 0; j < inputs; ++j) {
        x[j] = std::exp(-1.0 / tau) * x[j] + pass.input(t, b, j);
      }
      for (std::size_t i = 0; i < hidden; ++i) {
        double signal = 0.0;
        for (std::size_t k = 0; k < classes; ++k) {
          signal += pass.error(t, b, k) * matrix[i * classes + k];
        }
        for (std::size_t j = 0; j < inputs; ++j) {
          first[i * inputs + j] += signal * pass.psi(neurons.excess[i]) * x[j];
        }
      }
    }
  }
  require_equal(pass.part("hidden.weight"), first);
}

/// With means R(v) weighted by leak^(T - t): d[i] = R(dL/ds)[i] / V_th where 0 < R(drive) < V_th, and
/// dW = sum over steps of d x(t)^T.
TEST_CASE("DSR differentiates the clipped line between mean drive and mean spikes") {
  const std::string model = GENERATE("lif", "integrate_and_fire");
  auto description = two_layers("lif", "dsr");
  description.layers[0].model = model;
  if (model != "lif") description.layers[0].model_parameters.common.clear();
  const double V_th = 1.3;
  description.layers[0].model_parameters.common["V_th"] = V_th;
  const Pass pass(description);
  const double leak = model == "lif" ? std::exp(-1.0 / tau) : 1.0;
  double sum = 0.0;
  for (std::size_t t = 0; t < steps; ++t) sum += std::pow(leak, t);
  std::vector<double> first(hidden * inputs);
  int within = 0;
  for (std::size_t b = 0; b < samples; ++b) {
    for (std::size_t i = 0; i < hidden; ++i) {
      double rate = 0.0, error = 0.0;
      for (std::size_t t = 0; t < steps; ++t) {
        const double weight = std::pow(leak, steps - 1 - t) / sum;
        double drive = pass.weight("hidden.bias", i, 0, 1);
        for (std::size_t j = 0; j < inputs; ++j) {
          drive += pass.weight("hidden.weight", i, j, inputs) * pass.input(t, b, j);
        }
        rate += weight * drive;
        // The readout's potential at t' holds what a spike at t gave it, faded.
        for (std::size_t k = 0; k < classes; ++k) {
          for (std::size_t later = t; later < steps; ++later) {
            const auto age = static_cast<double>(later - t);
            error += weight * pass.error(later, b, k) * std::exp(-age / tau_out) *
                     pass.weight("output.weight", k, i, hidden);
          }
        }
      }
      if (!(rate > 0.0) || !(rate < V_th)) continue;
      ++within;
      for (std::size_t t = 0; t < steps; ++t) {
        for (std::size_t j = 0; j < inputs; ++j) {
          first[i * inputs + j] += error / V_th * pass.input(t, b, j);
        }
      }
    }
  }
  REQUIRE(within > 2);
  require_equal(pass.part("hidden.weight"), first);
}

/// Constant input, no leak, outputs summed over T steps: a spike more for each V_th of drive, so the
/// gradient is that of the network in which neurons put out T drive / V_th spikes.
TEST_CASE("DSR of integrate-and-fire neurons is the gradient of their rates") {
  auto description = two_layers("integrate_and_fire", "dsr");
  description.encoding.name = "current";
  description.layers[0].model_parameters.common.clear();
  description.layers[1].model_parameters.common["tau_m"] = std::numeric_limits<double>::infinity();
  description.loss = {"last_membrane", {}};
  const Pass pass(description);
  std::vector<double> first(hidden * inputs);
  for (std::size_t b = 0; b < samples; ++b) {
    for (std::size_t i = 0; i < hidden; ++i) {
      double drive = pass.weight("hidden.bias", i, 0, 1);
      for (std::size_t j = 0; j < inputs; ++j) {
        drive += pass.weight("hidden.weight", i, j, inputs) * pass.trace.values[b * inputs + j];
      }
      if (!(drive > 0.0) || !(drive < 1.0)) continue;
      double error = 0.0;
      for (std::size_t k = 0; k < classes; ++k) {
        error += pass.error(steps - 1, b, k) * pass.weight("output.weight", k, i, hidden);
      }
      for (std::size_t j = 0; j < inputs; ++j) {
        first[i * inputs + j] += steps * error * pass.trace.values[b * inputs + j];
      }
    }
  }
  require_equal(pass.part("hidden.weight"), first);
}

TEST_CASE("DSR refuses what it has no form for, by name") {
  auto description = two_layers("lif", "dsr");
  SECTION("a hard reset") {
    description.layers[0].model_parameters.common["reset"] = std::string("hard");
    REQUIRE_THROWS_WITH(Sequential<double>(description, 1),
                        Catch::Contains("layer 'hidden'") && Catch::Contains("reset: soft"));
  }
  SECTION("adaptation") {
    description = two_layers("alif", "dsr");
    REQUIRE_THROWS_WITH(Sequential<double>(description, 1),
                        Catch::Contains("neurons with a membrane alone"));
  }
  SECTION("recurrent synapses") {
    description.layers[0].recurrent = true;
    REQUIRE_THROWS_WITH(Sequential<double>(description, 1), Catch::Contains("recurrent synapses"));
  }
  SECTION("windows") {
    description.window = 3;
    REQUIRE_THROWS_WITH(Sequential<double>(description, 1), Catch::Contains("whole presentation"));
  }
}

TEST_CASE("OTTT refuses recurrent synapses by name") {
  auto description = two_layers("lif", "ottt");
  description.layers[0].recurrent = true;
  REQUIRE_THROWS_WITH(Sequential<double>(description, 1),
                      Catch::Contains("layer 'hidden': the credit rule 'ottt'"));
}
