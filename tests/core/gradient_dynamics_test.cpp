#include <cmath>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

#include "core/neuron_model.hpp"
#include "core/population.hpp"
#include "core/runtime/clock_dynamics.hpp"
#include "core/runtime/gradient.hpp"
#include "core/time_grid.hpp"
#include "plasticity/surrogate.hpp"
#include "tests/catch.hpp"
#include "tests/core/gradient_check.hpp"

using namespace ranvier;

namespace {

constexpr std::size_t steps = 12, samples = 2, n = 3;
constexpr double resolution = 0.5;

/// A population in the gradient runtime with everything its passes need.
struct Window {
  Window(const NeuronModel& model, const PopulationParameters& parameters, double h = resolution,
         std::size_t T = steps, std::size_t B = samples, std::size_t size = n)
      : population(model.make_gradient_double(parameters, size, h, {})),
        time(T),
        batch(B),
        drive(T * B * size),
        output(drive.size()) {}

  void forward(const SpikeFunction<double>& threshold, bool constant = false) {
    state = population->start(batch);
    population->reserve(time, batch, tape);
    population->forward({drive, time, batch, constant}, threshold, state, output, tape);
  }

  std::vector<double> backward(const SpikeFunction<double>& threshold,
                               const std::vector<double>& grad_output, bool detach_reset,
                               bool constant = false) const {
    std::vector<double> grad_drive(output.size());
    std::vector<double> adjoint(state.variables.size());
    population->backward({drive, time, batch, constant}, output, tape, threshold,
                         {.through_reset = !detach_reset}, grad_output, adjoint, grad_drive, {});
    return grad_drive;
  }

  double spikes() const {
    double sum = 0.0;
    for (const double s : output) sum += s;
    return sum;
  }

  std::unique_ptr<GradientDynamics<double>> population;
  std::size_t time, batch;
  std::vector<double> drive, output;
  Tape<double> tape;
  CarriedState<double> state;
};

/// Unequal weights for the outputs, so that errors cannot cancel.
std::vector<double> weights_of(std::size_t size) {
  std::vector<double> weights(size);
  for (std::size_t i = 0; i < size; ++i) weights[i] = std::sin(1.0 + static_cast<double>(i));
  return weights;
}

double weighted_sum(const std::vector<double>& values) {
  const auto weights = weights_of(values.size());
  double sum = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) sum += weights[i] * values[i];
  return sum;
}

/// An irregular positive drive of the given size.
void set_drive(Window& window, double amplitude) {
  for (std::size_t i = 0; i < window.drive.size(); ++i) {
    const double turn = std::numbers::phi * static_cast<double>(i + 1);
    window.drive[i] = amplitude * (turn - std::floor(turn));
  }
}

/// The smallest power of two at which a tenth of all steps hold a spike; 1 without a threshold.
double firing_amplitude(const NeuronModel& model, const PopulationParameters& parameters) {
  if (!model.spiking) return 1.0;
  const auto surrogate = surrogates().at("fast_sigmoid").make<double>();
  for (double amplitude = 1.0 / 64; amplitude < 1e6; amplitude *= 2) {
    Window window(model, parameters);
    set_drive(window, amplitude);
    window.forward(*surrogate);
    if (window.spikes() >= 0.1 * static_cast<double>(window.output.size())) return amplitude;
  }
  FAIL("no drive makes " << model.name << " fire");
  return 0.0;
}

/// A smooth threshold whose spikes lie between 0 and 1 over the excesses this model meets.
std::unique_ptr<Surrogate<double>> surrogate_for(const NeuronModel& model,
                                                 const PopulationParameters& parameters) {
  double width = 1.0;
  if (model.spiking) {
    Window window(model, parameters);
    struct Excess final : SpikeFunction<double> {
      void spikes(std::span<const double> excess, std::span<double> spikes) const override {
        if (first == 0.0) first = excess.front();
        std::ranges::fill(spikes, 0.0);
      }
      void slopes(std::span<const double>, std::span<double>) const override {}
      mutable double first = 0.0;
    } probe;
    window.forward(probe);
    width = 0.5 * std::abs(probe.first);
  }
  return surrogates().at("fast_sigmoid").make<double>({{"width", width}, {"height", 0.5 / width}});
}

double error_of_gradient(const NeuronModel& model, const PopulationParameters& parameters,
                         bool constant = false) {
  const double amplitude = firing_amplitude(model, parameters);
  const auto surrogate = surrogate_for(model, parameters);
  const SmoothedThreshold<double> threshold(*surrogate);
  Window window(model, parameters);
  set_drive(window, amplitude);
  if (constant) window.drive.resize(samples * n);
  window.forward(threshold, constant);
  auto gradient = window.backward(threshold, weights_of(window.output.size()), false, constant);
  if (constant) {
    for (std::size_t i = window.drive.size(); i < gradient.size(); ++i) {
      gradient[i % window.drive.size()] += gradient[i];
    }
    gradient.resize(window.drive.size());
  }
  return gradient_error(window.drive, gradient, amplitude, [&] {
    window.forward(threshold, constant);
    return weighted_sum(window.output);
  });
}

/// The parameters a model is tried with: its defaults and each choice it offers (soft and hard
/// reset, say), without and with a refractory period.
std::vector<PopulationParameters> variants(const NeuronModel& model) {
  std::vector<PopulationParameters> all{{}};
  for (const auto& parameter : model.parameters) {
    if (parameter.name == "t_ref") {
      all.push_back({{{"t_ref", 0.0}}, {}});
      all.push_back({{{"t_ref", 2 * resolution}}, {}});
    }
    for (const auto& chosen : parameter.choices) {
      all.push_back({{{parameter.name, chosen}}, {}});
    }
  }
  return all;
}

std::string described(const NeuronModel& model, const PopulationParameters& parameters) {
  std::string text = model.name;
  for (const auto& [name, value] : parameters.common) text += " " + name + "=" + to_string(value);
  return text;
}

}  // namespace

TEST_CASE("the gradient of every trainable model equals finite differences") {
  std::size_t checked = 0;
  for (const auto& [name, model] : neuron_models()) {
    if (!model.make_gradient_double) continue;
    for (const auto& parameters : variants(model)) {
      INFO(described(model, parameters));
      CHECK(error_of_gradient(model, parameters) < gradient_tolerance);
      ++checked;
    }
  }
  CHECK(checked > 0);
}

TEST_CASE("a drive that is the same at every step has the summed gradient") {
  CHECK(error_of_gradient(neuron_models().at("lif"), {}, true) < gradient_tolerance);
}

TEST_CASE("neurons with their own parameters have their own gradients") {
  const PopulationParameters each{{}, {{"tau_m", {1.5, 4.0, 20.0}}, {"t_ref", {0.0, 0.5, 1.0}}}};
  CHECK(error_of_gradient(neuron_models().at("lif"), each) < gradient_tolerance);
}

TEST_CASE("neurons with equal parameters of their own do what one set for all does") {
  const auto& model = neuron_models().at("lif");
  const auto surrogate = surrogates().at("arctan").make<double>();
  Window shared(model, {{{"tau_m", 3.0}}, {}});
  Window each(model, {{}, {{"tau_m", {3.0, 3.0, 3.0}}}});
  set_drive(shared, 1.5);
  set_drive(each, 1.5);
  shared.forward(*surrogate);
  each.forward(*surrogate);
  CHECK(shared.output == each.output);
  const auto weights = weights_of(shared.output.size());
  CHECK(shared.backward(*surrogate, weights, false) == each.backward(*surrogate, weights, false));
}

TEST_CASE("the gradient runtime fires in the steps in which the clock runtime does") {
  const auto surrogate = surrogates().at("fast_sigmoid").make<double>();
  for (const auto& [name, model] : neuron_models()) {
    if (!model.make_gradient_double || !model.spiking) continue;
    for (const auto& parameters : variants(model)) {
      INFO(described(model, parameters));
      Window window(model, parameters, resolution, 40, 1);
      set_drive(window, firing_amplitude(model, parameters));
      window.forward(*surrogate);

      const TimeGrid grid(resolution);
      const auto clock = model.make_clock_double(parameters, n, grid);
      PopulationState<double> state{.size = n, .columns = {}};
      clock->rest(state);
      std::vector<std::int32_t> refractory(n);
      std::vector<double> output;
      for (std::size_t t = 0; t < 40; ++t) {
        std::vector<double> arrived(model.ports.size() * n);
        for (std::size_t i = 0; i < n; ++i) arrived[i] = window.drive[t * n + i];
        std::vector<double*> ports;
        for (std::size_t port = 0; port < model.ports.size(); ++port) {
          ports.push_back(arrived.data() + port * n);
        }
        std::vector<NeuronId> spikes;
        clock->step({{0, n}, state, refractory, ports, spikes});
        output.resize(output.size() + n);
        for (const auto i : spikes) output[t * n + i] = 1.0;
      }
      CHECK(window.output == output);
    }
  }
}

TEST_CASE("a detached soft reset gives the error recursion of spatio-temporal backpropagation") {
  // u[t] = v[t] - s[t], v[t] = u[t-1]/2 + I, s = (v >= 1), sigmoid surrogate of slope a = 4:
  //     dL/dv[t] = g(v[t] - 1) dL/ds[t] + dL/dv[t+1] / 2,    dL/ds = 1.
  const auto& model = neuron_models().at("lif");
  const auto surrogate = surrogates().at("sigmoid").make<double>({{"width", 0.25}});
  Window window(model, {{{"tau_m", 1.0 / std::numbers::ln2}}, {}}, 1.0, 6, 1, 1);
  const auto run = [&](double I) {
    window.drive.assign(6, I);
    window.forward(*surrogate);
    return window.backward(*surrogate, std::vector<double>(6, 1.0), true);
  };
  struct Case {
    double I;
    std::vector<double> spikes, error;
  };
  for (const auto& expected : {
           Case{0.6, {0, 0, 1, 0, 0, 1}, {1.45315, 1.78819, 1.65429, 1.32844, 1.46371, 0.98745}},
           Case{0.9, {0, 1, 1, 0, 1, 1}, {1.71419, 1.50630, 1.74313, 1.53059, 1.09211, 0.97206}},
       }) {
    const auto error = run(expected.I);
    CHECK(window.output == expected.spikes);
    for (std::size_t t = 0; t < 6; ++t) {
      CHECK(error[t] == Approx(expected.error[t]).margin(5e-6));  // given to five decimals
    }
  }
}

TEST_CASE("a refractory neuron is silent and passes no surrogate gradient") {
  const auto& model = neuron_models().at("lif");
  const auto surrogate = surrogates().at("fast_sigmoid").make<double>();
  Window window(model, {{{"t_ref", 2.0}}, {}}, 1.0, 9, 1, 1);
  window.drive.assign(9, 5.0);
  window.forward(*surrogate);
  CHECK(window.output == std::vector<double>{1, 0, 0, 1, 0, 0, 1, 0, 0});
  std::vector<double> grad_output(9);
  grad_output[1] = 1.0;
  CHECK(window.backward(*surrogate, grad_output, true) == std::vector<double>(9, 0.0));
}

TEST_CASE("float and double runs agree to single precision") {
  const auto& model = neuron_models().at("leaky_integrator");
  const auto threshold_d = surrogates().at("fast_sigmoid").make<double>();
  const auto threshold_f = surrogates().at("fast_sigmoid").make<float>();
  Window window(model, {});
  set_drive(window, 1.0);
  window.forward(*threshold_d);
  const std::vector<float> drive(window.drive.begin(), window.drive.end());
  std::vector<float> output(drive.size());
  Tape<float> tape;
  const auto population = model.make_gradient_float({}, n, resolution, {});
  population->reserve(steps, samples, tape);
  auto state = population->start(samples);
  population->forward({drive, steps, samples, false}, *threshold_f, state, output, tape);
  for (std::size_t i = 0; i < output.size(); ++i) {
    // Each of 12 steps rounds some five times by 6e-8.
    CHECK(static_cast<double>(output[i]) == Approx(window.output[i]).epsilon(4e-6));
  }
}
