/// The sparse random network of Brunel 2000, J. Comput. Neurosci. 8:183-208, model A, in its
/// asynchronous irregular state: against mean-field theory and against NEST.

#include <cmath>
#include <cstdint>
#include <functional>
#include <numbers>
#include <string>
#include <tuple>
#include <vector>

#include "core/simulation.hpp"
#include "networks/connection_rules.hpp"
#include "networks/distribution.hpp"
#include "tests/catch.hpp"

using namespace ranvier;

namespace {

// Times in ms, potentials in mV, rates per ms.
constexpr double V_th = 20.0, V_reset = 10.0, tau_m = 20.0, t_ref = 2.0, delay = 1.5;
constexpr double J = 0.1, g = 5.0, eta = 2.0, resolution = 0.1;
constexpr std::int64_t C_E = 1000, C_I = 250;
constexpr std::size_t N_E = 10000, N_I = 2500;
constexpr double external_rate = eta * V_th / (J * tau_m);

const ValueMap neuron{{"E_L", 0.0},     {"V_th", V_th}, {"V_reset", V_reset},
                      {"tau_m", tau_m}, {"C_m", 250.0}, {"t_ref", t_ref}};

struct Statistics {
  double rate;  ///< per ms
  double cv;
};

/// Integral of f over [low, high] by Simpson's rule.
double integral(const std::function<double(double)>& f, double low, double high) {
  constexpr int cells = 400;
  const double h = (high - low) / cells;
  double sum = f(low) + f(high);
  for (int k = 1; k < cells; ++k) sum += (k % 2 == 1 ? 4.0 : 2.0) * f(low + k * h);
  return sum * h / 3.0;
}

/// Rate and CV of a neuron whose white-noise input would give its free membrane the mean mu and the
/// standard deviation sigma / sqrt(2): Siegert 1951, Phys. Rev. 81:617-623, as in Brunel 2000.
///
/// A threshold looked at only once a step acts like one that is looked at always and lies higher by
/// 0.5826 standard deviations of a step: Siegmund 1985, Sequential Analysis; the number in Broadie,
/// Glasserman & Kou 1997, Math. Finance 7:325-349.
Statistics mean_field(double mu, double sigma) {
  const double threshold = V_th + 0.5826 * sigma * std::sqrt(resolution / tau_m);
  const double low = (V_reset - mu) / sigma, high = (threshold - mu) / sigma;
  const auto one = [](double y) { return std::exp(y * y) * std::erfc(-y); };
  const auto two = [&](double y) { return one(y) * std::erfc(-y); };
  const double rate =
      1.0 / (t_ref + tau_m * std::sqrt(std::numbers::pi) * integral(one, low, high));
  constexpr double minus_infinity = -6.0;  // `two` is below 1e-17 there and falls on
  const auto inner = [&](double x) { return std::exp(x * x) * integral(two, minus_infinity, x); };
  const double variance = 2.0 * std::numbers::pi * tau_m * tau_m * integral(inner, low, high);
  return {rate, rate * std::sqrt(variance)};
}

/// Mean-field theory of the network's neurons when each of them fires at `rate`.
Statistics mean_field_under(double rate) {
  const double excitation = external_rate + C_E * rate, inhibition = C_I * rate;
  return mean_field(J * tau_m * (excitation - g * inhibition),
                    J * std::sqrt(tau_m * (excitation + g * g * inhibition)));
}

/// The rate at which neurons fire that receive spikes at that same rate.
Statistics self_consistent() {
  double low = 0.0, high = 1.0 / t_ref;
  for (int halving = 0; halving < 50; ++halving) {
    const double middle = 0.5 * (low + high);
    (mean_field_under(middle).rate > middle ? low : high) = middle;
  }
  return mean_field_under(low);
}

/// Rate over a window, and the mean over neurons of the CV of their intervals in it.
Statistics statistics(const SpikeTrain& train, std::size_t neurons, double begin, double end) {
  std::vector<std::vector<double>> times(neurons);
  std::size_t count = 0;
  for (std::size_t k = 0; k < train.size(); ++k) {
    if (train.times[k] <= begin || train.times[k] > end + 0.5 * resolution) continue;
    times[train.neurons[k]].push_back(train.times[k]);
    ++count;
  }
  constexpr std::size_t fewest_intervals = 3;
  double cv_sum = 0.0;
  int measured = 0;
  for (const auto& t : times) {
    if (t.size() <= fewest_intervals) continue;
    const auto intervals = static_cast<double>(t.size() - 1);
    const double mean = (t.back() - t.front()) / intervals;
    double squares = 0.0;
    for (std::size_t k = 1; k < t.size(); ++k) squares += std::pow(t[k] - t[k - 1] - mean, 2);
    cv_sum += std::sqrt(squares / intervals) / mean;
    ++measured;
  }
  return {static_cast<double>(count) / static_cast<double>(neurons) / (end - begin),
          cv_sum / measured};
}

/// What every neuron of a population receives from outside: Poisson spikes at `rate`.
void add_poisson(Network& network, const std::string& target, double rate, double weight) {
  network.add(StimulusSpec{.name = "noise" + std::to_string(network.stimuli().size()),
                           .model = "poisson_generator",
                           .target = target,
                           .parameters = {{"rate", 1e3 * rate}, {"weight", weight}}});
}

void add_population(Network& network, const std::string& name, std::size_t size) {
  network.add(PopulationSpec{.name = name,
                             .model = "iaf_psc_delta",
                             .size = size,
                             .parameters = {.common = neuron, .per_neuron = {}}});
}

Network brunel_network() {
  Network network;
  add_population(network, "E", N_E);
  add_population(network, "I", N_I);
  for (const std::string target : {"E", "I"}) {
    add_poisson(network, target, external_rate, J);
    for (const auto& [source, indegree, weight] :
         {std::tuple("E", C_E, J), std::tuple("I", C_I, -g * J)}) {
      network.add(
          ProjectionSpec{.source = source,
                         .target = target,
                         .rule = connection_rule("fixed_indegree", {{"indegree", indegree}}),
                         .weight = constant_value(weight),
                         .delay = constant_value(delay),
                         .port = {}});
    }
  }
  return network;
}

}  // namespace

TEST_CASE("a delta neuron under Poisson input fires as the diffusion approximation says") {
  // The input of the network's neurons, but drawn: what the theory assumes holds by construction.
  constexpr double rate = 0.0376;
  constexpr std::size_t neurons = 400;
  Network network;
  add_population(network, "neuron", neurons);
  add_poisson(network, "neuron", external_rate + C_E * rate, J);
  add_poisson(network, "neuron", C_I * rate, -g * J);
  Simulation simulation(std::move(network), {.resolution = resolution, .seed = 3});
  constexpr double warm_up = 100.0, duration = 2100.0;
  simulation.run(duration);
  const auto found = statistics(simulation.spikes("neuron"), neurons, warm_up, duration);
  const auto expected = mean_field_under(rate);
  CAPTURE(found.rate, expected.rate, found.cv, expected.cv);
  // Four standard errors of the rate are 4 CV / sqrt(30000 intervals) = 1.5 %; the finite size of
  // the jumps enters with (g J / sigma)^2 = 0.4 %.
  CHECK(std::abs(found.rate / expected.rate - 1.0) < 0.02);
  // Of some 75 intervals per neuron, whose CV comes out low by one or two parts in 75.
  CHECK(std::abs(found.cv / expected.cv - 1.0) < 0.05);
}

TEST_CASE("the Brunel network fires at the rate and with the irregularity that NEST finds") {
  // NEST 3.10.0, pynest/examples/brunel_delta_nest.py with the parameters above (fixed_indegree,
  // autapses and multapses allowed, resolution 0.1 ms), means over rng_seed 1, 2, 3. Across seeds
  // the standard deviation of a rate in this window is 1.2 %, that of a CV below 1 %.
  //
  // Both are measured over (100, 400] ms. Some eleven intervals per neuron fit in, and the long
  // ones least, so the CV is biased low: over (200, 1200] ms NEST's is 0.42. The bias is the same
  // for both as their windows are. The 5 % are held against NEST, for rate and CV.
  constexpr double warm_up = 100.0, end = 400.0;
  constexpr Statistics nest_E{0.03720, 0.3947}, nest_I{0.03743, 0.3952};

  Simulation simulation(brunel_network(), {.resolution = resolution, .threads = 2, .seed = 7});
  CHECK(simulation.synapses() == (N_E + N_I) * (C_E + C_I));
  simulation.run(end);
  const auto E = statistics(simulation.spikes("E"), N_E, warm_up, end);
  const auto I = statistics(simulation.spikes("I"), N_I, warm_up, end);
  CAPTURE(E.rate, E.cv, I.rate, I.cv);
  CHECK(std::abs(E.rate / nest_E.rate - 1.0) < 0.05);
  CHECK(std::abs(E.cv / nest_E.cv - 1.0) < 0.05);
  CHECK(std::abs(I.rate / nest_I.rate - 1.0) < 0.05);
  CHECK(std::abs(I.cv / nest_I.cv - 1.0) < 0.05);

  // Mean-field theory is held to its rate only. Its CV, 0.66, is that of neurons under Poisson
  // input, and the trains that arrive here are far more regular than that.
  const auto theory = self_consistent();
  CAPTURE(theory.rate, theory.cv);
  CHECK(std::abs(E.rate / theory.rate - 1.0) < 0.05);
  CHECK(std::abs(I.rate / theory.rate - 1.0) < 0.05);
}
