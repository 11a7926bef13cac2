/// Gradients of spike times: closed forms, and differences of the event runtime's own spike times.

#include <cmath>
#include <random>

#include "networks/event_learning/circuit_adjoint.hpp"
#include "networks/event_learning/circuit_runner.hpp"
#include "tests/catch.hpp"

using namespace ranvier;

namespace {

constexpr auto input = CircuitProjection::input;

using Times = std::vector<std::vector<double>>;

struct Example {
  EventCircuit circuit;
  std::vector<double> weights;
  Times times;
};

ValueMap neuron(double tau_m, double tau_s, double t_ref) {
  return {
      {"tau_m", tau_m}, {"tau_syn_ex", tau_s}, {"t_ref", t_ref}, {"V_reset", -68.0}, {"I_e", 40.0}};
}

Times random_times(std::size_t inputs, std::mt19937_64& random) {
  std::uniform_real_distribution<double> when(0.1, 30.0);
  Times times(inputs);
  for (auto& train : times) train = {when(random), when(random)};
  return times;
}

std::vector<double> random_weights(const EventCircuit& circuit, std::mt19937_64& random) {
  std::vector<double> weights;
  for (const auto& projection : circuit.projections) {
    std::normal_distribution<double> weight(projection.initial.mean, projection.initial.deviation);
    const auto n = sources_of(circuit, projection) * circuit.populations[projection.target].size;
    for (std::size_t k = 0; k < n; ++k) weights.push_back(weight(random));
  }
  return weights;
}

/// Two layers, and a third projection that jumps over the hidden one, with delays and without.
Example layered(std::uint64_t seed, double t_ref) {
  std::mt19937_64 random(seed);
  Example example;
  example.circuit = {.inputs = 4,
                     .window = 60.0,
                     .populations = {{"hidden", 6, neuron(12.0, 4.0, t_ref)},
                                     {"output", 3, neuron(10.0, 10.0, t_ref)}},
                     .projections = {{input, 0, 1.5, {700.0, 300.0}},
                                     {0, 1, 0.0, {200.0, 150.0}},
                                     {input, 1, 0.7, {100.0, 100.0}}}};
  example.weights = random_weights(example.circuit, random);
  example.times = random_times(4, random);
  return example;
}

/// A population that excites and inhibits itself, and another that it excites and that answers.
Example recurrent(std::uint64_t seed, double t_ref) {
  std::mt19937_64 random(seed);
  Example example;
  example.circuit = {
      .inputs = 3,
      .window = 50.0,
      .populations = {{"one", 5, neuron(15.0, 5.0, t_ref)}, {"two", 3, neuron(8.0, 3.0, t_ref)}},
      .projections = {{input, 0, 0.0, {900.0, 300.0}},
                      {0, 0, 1.0, {50.0, 200.0}},
                      {0, 1, 0.0, {400.0, 150.0}},
                      {1, 0, 2.5, {-50.0, 100.0}}}};
  example.weights = random_weights(example.circuit, random);
  example.times = random_times(3, random);
  return example;
}

/// How much each spike's time counts in the loss, by its place in its train.
double count_of(std::size_t population, std::size_t spike) {
  return std::sin(1.0 + 3.0 * static_cast<double>(population) + 0.7 * static_cast<double>(spike));
}

/// Spikes of each population by neuron and order, so that two runs can be compared spike by spike
/// though their order in time may differ.
std::vector<std::size_t> by_neuron(const SpikeTrain& train) {
  std::vector<std::size_t> order(train.size());
  for (std::size_t k = 0; k < order.size(); ++k) order[k] = k;
  std::ranges::stable_sort(order, {}, [&](std::size_t k) { return train.neurons[k]; });
  return order;
}

double loss_of(const CircuitSpikes& spikes, std::vector<std::size_t>& counts) {
  double loss = 0.0;
  counts.clear();
  for (std::size_t p = 0; p < spikes.populations.size(); ++p) {
    const auto& train = spikes.populations[p];
    const auto order = by_neuron(train);
    for (std::size_t k = 0; k < order.size(); ++k) {
      loss += count_of(p, k) * train.times[order[k]];
      counts.push_back(train.neurons[order[k]] + 100 * p);
    }
  }
  return loss;
}

struct Loss {
  double value;
  std::vector<std::size_t> counts;  ///< which neuron fired each spike
};

Loss run(const Example& example, const std::vector<double>& weights) {
  CircuitRunner runner(example.circuit, weights);
  Loss loss{};
  loss.value = loss_of(runner.run(example.times), loss.counts);
  return loss;
}

std::vector<double> gradient_of(const Example& example) {
  CircuitRunner runner(example.circuit, example.weights);
  const auto spikes = runner.run(example.times);
  SpikeTimeSlopes slopes;
  for (std::size_t p = 0; p < spikes.populations.size(); ++p) {
    const auto order = by_neuron(spikes.populations[p]);
    slopes.emplace_back(order.size());
    for (std::size_t k = 0; k < order.size(); ++k) slopes[p][order[k]] = count_of(p, k);
  }
  std::vector<double> gradient(example.weights.size());
  CircuitAdjoint(example.circuit, example.weights).pull_back(spikes, slopes, gradient);
  return gradient;
}

/// Central differences of the event runtime's spike times. A crossing is found to some 4 ulp of its
/// time, below 1e-13 ms, so that differences over 2e-3 pA are good to about 1e-10 ms/pA times the
/// number of spikes; the third derivative adds as much where a membrane grazes the threshold.
void check_against_differences(const Example& example) {
  const auto gradient = gradient_of(example);
  const auto here = run(example, example.weights);
  REQUIRE(here.counts.size() > 20);
  constexpr double h = 1e-3;  // pA
  double largest = 0.0;
  for (const double g : gradient) largest = std::max(largest, std::abs(g));
  REQUIRE(largest > 0.01);
  for (std::size_t k = 0; k < gradient.size(); ++k) {
    auto weights = example.weights;
    weights[k] += h;
    const auto above = run(example, weights);
    weights[k] -= 2.0 * h;
    const auto below = run(example, weights);
    REQUIRE(above.counts == here.counts);
    REQUIRE(below.counts == here.counts);
    const double difference = (above.value - below.value) / (2.0 * h);
    INFO("weight " << k << " gradient " << gradient[k] << " difference " << difference);
    CHECK(std::abs(gradient[k] - difference) < 1e-6 * std::abs(difference) + 1e-7 * largest);
  }
}

constexpr double onset = 1.0;  // ms; devices spike after time zero

/// One neuron, one input spike, no drive.
Example single(double tau_m, double tau_s, double weight) {
  ValueMap parameters{{"tau_m", tau_m}, {"tau_syn_ex", tau_s}, {"t_ref", 1000.0}};
  Example example;
  example.circuit = {.inputs = 1,
                     .window = 100.0,
                     .populations = {{"neuron", 1, parameters}},
                     .projections = {{input, 0, 0.0, {}}}};
  example.weights = {weight};
  example.times = {{onset}};
  return example;
}

double first_spike(const Example& example) {
  CircuitRunner runner(example.circuit, example.weights);
  const auto spikes = runner.run(example.times);
  REQUIRE(spikes.populations[0].size() == 1);
  return spikes.populations[0].times[0] - onset;
}

/// dt/dw; the loss is count_of(0, 0) times the time.
double slope_of_first_spike(const Example& example) {
  return gradient_of(example)[0] / count_of(0, 0);
}

constexpr double C_m = 250.0;    // pF
constexpr double height = 15.0;  // mV from rest to threshold

}  // namespace

TEST_CASE(
    "the first spike of a neuron with tau_m = 2 tau_s and its derivative have a closed form") {
  // V = (2 w tau_s/C) (x - x^2) with x = exp(-t/tau_m): a quadratic whose larger root is the first
  // crossing. Goeltz et al. 2021, Nat. Mach. Intell. 3:823-835.
  const double tau_s = 5.0, tau_m = 10.0;
  for (const double weight : {1600.0, 2000.0, 5000.0}) {
    const auto example = single(tau_m, tau_s, weight);
    const double a = 2.0 * weight * tau_s / C_m;
    const double root = std::sqrt(1.0 - 4.0 * height / a);
    const double x = 0.5 * (1.0 + root);
    CHECK(first_spike(example) == Approx(-tau_m * std::log(x)).epsilon(1e-12));
    const double dx_dw = 0.5 / root * 0.5 * 4.0 * height / (a * weight);
    CHECK(slope_of_first_spike(example) == Approx(-tau_m * dx_dw / x).epsilon(1e-9));
  }
}

TEST_CASE("the first spike of a neuron with tau_m = tau_s moves as the equation of its time says") {
  // w t exp(-t/tau)/C = V_th - E_L, so that dt/dw = -t/(w (1 - t/tau)).
  const double tau = 8.0;
  for (const double weight : {1500.0, 3000.0}) {
    const auto example = single(tau, tau, weight);
    const double t = first_spike(example);
    CHECK(weight * t * std::exp(-t / tau) / C_m == Approx(height).epsilon(1e-12));
    CHECK(slope_of_first_spike(example) == Approx(-t / (weight * (1.0 - t / tau))).epsilon(1e-9));
  }
}

TEST_CASE("gradients of a layered circuit are the differences of its spike times") {
  for (const std::uint64_t seed : {1, 2, 3}) {
    for (const double t_ref : {0.0, 2.0}) check_against_differences(layered(seed, t_ref));
  }
}

TEST_CASE("gradients of a recurrent circuit are the differences of its spike times") {
  for (const std::uint64_t seed : {1, 2, 3}) {
    for (const double t_ref : {0.0, 1.5}) check_against_differences(recurrent(seed, t_ref));
  }
}
