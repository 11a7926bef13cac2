/// Pair STDP against its definition and against the numbers of other simulators.

#include <cmath>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/simulation.hpp"
#include "plasticity/stdp_pair.hpp"
#include "tests/catch.hpp"
#include "tests/core/plastic_pair.hpp"

using namespace ranvier;
using namespace ranvier::testing;

namespace {

ValueSourcePtr between(double low, double high) {
  return distributions().at("uniform").make({{"low", low}, {"high", high}}, "a test");
}

/// Weight of the one synapse after each pre spike, as it arrives.
std::vector<double> after_each_arrival(const PairRule& rule, double weight, double delay,
                                       const std::vector<double>& pre,
                                       const std::vector<double>& post, double resolution = 0.1) {
  auto network = imposed_network(1, 1);
  add_times(network, "pre", {pre});
  add_times(network, "post", {post});
  add_plastic(network, constant_value(weight), constant_value(delay), rule.choice());
  Simulation simulation(network, {.resolution = resolution, .precision = "double"});
  std::vector<double> weights;
  for (const double t : pre) {
    simulation.run(t + delay - simulation.now());
    weights.push_back(simulation.weights("plastic").weights.at(0));
  }
  REQUIRE((simulation.spikes("pre").times.size() == pre.size()));
  return weights;
}

}  // namespace

TEST_CASE("weights after each pre spike are the golden numbers of stdp_synapse without mu") {
  // shared/reference/plasticity.md, section 14, rows mu = 0/0: derived there by two formulations.
  const std::vector<double> pre{10, 40, 70, 100, 103}, post{15, 35, 72, 95};
  const std::vector<double> plain{50, 49.8934250487, 49.6435360119, 49.9523276440, 48.9765182274};
  const std::vector<double> alpha{50, 49.8374288005, 49.5750453118, 49.8271505042, 48.8025506168};
  const auto weights = after_each_arrival({}, 50.0, 1.0, pre, post);
  const auto with_alpha = after_each_arrival({.A_minus = 1.05}, 50.0, 1.0, pre, post);
  for (std::size_t k = 0; k < pre.size(); ++k) {
    CHECK(std::abs(weights[k] - plain[k]) < 1e-10);
    CHECK(std::abs(with_alpha[k] - alpha[k]) < 1e-10);
  }
}

TEST_CASE("weights after each pre spike are those of NEST, clipping and coincidences included") {
  // NEST 3.10.0, stdp_synapse with mu_plus = mu_minus = 0, lambda 0.06, alpha 1, tau_plus 15, Wmax
  // 100, weight 50, delay 2.5, from a parrot_neuron to an iaf_psc_delta with tau_minus 30.
  const std::vector<double> pre{2.0,  6.4,  9.5,  18.5,  31.8,  42.5,  55.5,  57.8,  67.4,
                                78.4, 86.7, 98.3, 101.3, 102.1, 112.2, 119.5, 122.1, 137.7};
  const std::vector<double> post{20.0,  21.0,  21.2,  41.5,  53.0,  53.2,  56.3,
                                 70.7,  76.1,  85.9,  88.9,  95.8,  112.4, 115.3,
                                 117.3, 126.9, 137.7, 141.6, 142.4, 145.2};
  const std::vector<double> nest{50.000000000000, 50.000000000000, 50.000000000000, 50.000000000000,
                                 67.052485731915, 57.580845899484, 62.934882817464, 53.106397860097,
                                 48.018918047568, 39.059173292668, 33.023872983414, 39.112839010357,
                                 14.006665169574, 0.000000000000,  0.000000000000,  1.056457631047,
                                 0.000000000000,  0.000000000000};
  const auto weights = after_each_arrival(
      {.tau_plus = 15.0, .tau_minus = 30.0, .A_plus = 6.0, .A_minus = 6.0}, 50.0, 2.5, pre, post);
  for (std::size_t k = 0; k < pre.size(); ++k) {
    CAPTURE(k);
    CHECK(std::abs(weights[k] - nest[k]) < 1e-10);
  }
}

TEST_CASE("weights are those of all pairs, whatever rates, delays and bounds") {
  const bool axonal = GENERATE(false, true);
  const double rate = GENERATE(4.0, 30.0, 150.0);
  const double resolution = GENERATE(0.1, 1.0);  // the coarse grid brings many coincidences
  const double delay = GENERATE(1.0, 3.0, 12.0);
  CAPTURE(axonal, rate, resolution, delay);
  const PairRule rule{.tau_plus = 17.0,
                      .tau_minus = 34.0,
                      .A_plus = 1.0,
                      .A_minus = 0.6,
                      .w_max = 100.0,
                      .axonal = axonal};
  auto network = imposed_network(3, 4);
  add_noise(network, "pre", rate);
  add_noise(network, "post", 0.8 * rate);
  add_plastic(network, between(20.0, 80.0), constant_value(delay), rule.choice());
  Simulation simulation(network,
                        {.resolution = resolution, .threads = 2, .seed = 3, .precision = "double"});
  const auto initial = simulation.weights("plastic");
  // Beyond two settlings, and within an interval.
  for (const double piece : {137.0, 400.0, 963.0}) {
    simulation.run(piece);
    CHECK(distance_from_pairs(simulation, rule, initial) < 1e-9);
  }
}

TEST_CASE("weights are those of all pairs where the delays of a row differ") {
  const bool axonal = GENERATE(false, true);
  const PairRule rule{.tau_plus = 12.0, .axonal = axonal};
  auto network = imposed_network(5, 6);
  add_noise(network, "pre", 60.0);
  add_noise(network, "post", 60.0);
  add_plastic(network, constant_value(50.0), between(0.1, 25.0), rule.choice());
  Simulation simulation(network, {.threads = 2, .seed = 8, .precision = "double"});
  const auto initial = simulation.weights("plastic");
  for (const double piece : {137.0, 900.0}) {
    simulation.run(piece);
    CHECK(distance_from_pairs(simulation, rule, initial) < 1e-9);
  }
}

TEST_CASE("in single precision weights are those of all pairs but for rounding") {
  const bool axonal = GENERATE(false, true);
  const PairRule rule{.A_plus = 0.5, .A_minus = 0.5, .axonal = axonal};
  auto network = imposed_network(5, 6);
  add_noise(network, "pre", 60.0);
  add_noise(network, "post", 60.0);
  add_plastic(network, constant_value(50.0), between(0.1, 25.0), rule.choice());
  Simulation simulation(network, {.threads = 2, .seed = 8, .precision = "single"});
  const auto initial = simulation.weights("plastic");
  for (const double piece : {137.0, 900.0}) {
    simulation.run(piece);
    // Some hundred updates, each rounded to 24 bits of 100.
    CHECK(distance_from_pairs(simulation, rule, initial) < 1e-3);
  }
}

TEST_CASE("weights stop at their bounds and come back from them") {
  const bool axonal = GENERATE(false, true);
  const PairRule rule{.A_plus = 3.0, .A_minus = 3.2, .w_max = 10.0, .axonal = axonal};
  auto network = imposed_network(4, 4);
  add_noise(network, "pre", 40.0);
  add_noise(network, "post", 40.0);
  add_plastic(network, constant_value(5.0), constant_value(1.5), rule.choice());
  Simulation simulation(network, {.seed = 2, .precision = "double"});
  const auto initial = simulation.weights("plastic");
  bool at_zero = false, at_most = false, between_them = false;
  for (int k = 0; k < 40; ++k) {
    simulation.run(31.0);
    CHECK(distance_from_pairs(simulation, rule, initial) < 1e-9);
    for (const double w : simulation.weights("plastic").weights) {
      at_zero = at_zero || w == 0.0;
      at_most = at_most || w == rule.w_max;
      between_them = between_them || (w > 0.0 && w < rule.w_max);
    }
  }
  CHECK((at_zero && at_most && between_them));
}

TEST_CASE("spikes that meet at the synapse in one step are no pair") {
  // Dendritic: the post spike of 9 ms meets the pre spike of 10 ms after a delay of 1 ms.
  CHECK(after_each_arrival({}, 50.0, 1.0, {10.0}, {9.0}).back() == 50.0);
  CHECK(after_each_arrival({}, 50.0, 1.0, {10.0}, {8.9}).back() < 50.0);
  // Axonal: the pre spike of 10 ms meets the post spike of 11 ms.
  CHECK(after_each_arrival({.axonal = true}, 50.0, 1.0, {10.0, 30.0}, {11.0})[0] == 50.0);
  const auto later = after_each_arrival({.axonal = true}, 50.0, 1.0, {10.0, 30.0}, {11.1});
  const auto met = after_each_arrival({.axonal = true}, 50.0, 1.0, {10.0, 30.0}, {11.0});
  CHECK(later[1] > met[1] + 0.5);  // only the later one was potentiated
}

TEST_CASE("the new weight is the one that acts") {
  auto network = imposed_network(1, 1);
  add_times(network, "pre", {{10.0}});
  add_times(network, "post", {{2.0}});
  add_plastic(network, constant_value(50.0), constant_value(1.0), PairRule{}.choice());
  Simulation simulation(network, {.precision = "double"});
  simulation.run(11.0);
  const double depressed = 50.0 - std::exp(-7.0 / 20.0);
  CHECK(simulation.state("post", "V_m").at(0) == Approx(depressed).epsilon(1e-12));
}

TEST_CASE("what the rule allows is what it is given") {
  CHECK_THROWS_AS(plasticity_rule("stdp_pear"), UnknownName);
  CHECK_THROWS_AS(plasticity_rule("stdp_pair", {{"tau_plus", 0.0}}), InvalidValue);
  CHECK_THROWS_AS(plasticity_rule("stdp_pair", {{"tau_pluss", 1.0}}), UnknownName);
  CHECK_THROWS_AS(plasticity_rule("stdp_pair", {{"delay", std::string("none")}}), InvalidValue);
  for (const auto& weight : {constant_value(-1.0), constant_value(101.0), between(99.0, 120.0)}) {
    auto network = imposed_network(20, 20);
    add_plastic(network, weight, constant_value(1.0), PairRule{}.choice());
    CHECK_THROWS_WITH(Simulation(network),
                      Catch::Matchers::Contains("weight of projection 'plastic'") &&
                          Catch::Matchers::Contains("between 0 and 100"));
  }
  auto network = imposed_network(1, 1);
  CHECK_THROWS_WITH(
      add_plastic(network, constant_value(1.0), constant_value(0.0), PairRule{}.choice()),
      Catch::Matchers::Contains("at least one step"));
}

TEST_CASE("a time constant too long to be looked up is refused with the longest") {
  for (const auto* name : {"tau_plus", "tau_minus"}) {
    auto network = imposed_network(1, 1);
    add_plastic(network, constant_value(1.0), constant_value(1.0),
                plasticity_rule("stdp_pair", {{name, 1e300}}));
    CHECK_THROWS_WITH(Simulation(network),
                      Catch::Matchers::Contains(name) &&
                          Catch::Matchers::Contains("1e+300 ms; expected at most 37819 ms"));
  }
}
