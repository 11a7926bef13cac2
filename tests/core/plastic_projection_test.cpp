/// Plastic projections in a run: threads, checkpoints, settling, weights as arrays.

#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/simulation.hpp"
#include "tests/catch.hpp"
#include "tests/core/plastic_pair.hpp"

using namespace ranvier;
using namespace ranvier::testing;

namespace {

constexpr double duration = 1234.5;  // ms: beyond two settlings

ValueSourcePtr between(double low, double high) {
  return distributions().at("uniform").make({{"low", low}, {"high", high}}, "a test");
}

/// Neurons that excite each other through plastic synapses, some of them by several ways, and are
/// inhibited through static ones.
Network recurrent_network(bool axonal, bool own_delays) {
  Network network;
  const ValueMap neuron{
      {"E_L", 0.0}, {"V_th", 20.0}, {"V_reset", 10.0}, {"tau_m", 20.0}, {"t_ref", 2.0}};
  for (const auto* name : {"E", "I"}) {
    network.add(PopulationSpec{.name = name,
                               .model = "iaf_psc_delta",
                               .size = name[0] == 'E' ? 60u : 15u,
                               .parameters = {.common = neuron, .per_neuron = {}}});
    network.add(StimulusSpec{.name = std::string("noise_") + name,
                             .model = "poisson_generator",
                             .target = name,
                             .parameters = {{"rate", 2200.0}, {"weight", 0.9}}});
  }
  const PairRule rule{.A_plus = 0.06, .A_minus = 0.065, .w_max = 2.0, .axonal = axonal};
  const auto connect = [&](const std::string& name, const char* source, const char* target,
                           const char* connection, const ValueMap& parameters,
                           ValueSourcePtr weight, PlasticityPtr plasticity) {
    network.add(ProjectionSpec{.name = name,
                               .source = source,
                               .target = target,
                               .rule = connection_rule(connection, parameters),
                               .weight = std::move(weight),
                               .delay = own_delays ? between(0.3, 9.0) : constant_value(1.5),
                               .port = {},
                               .plasticity = std::move(plasticity)});
  };
  using Int = std::int64_t;
  connect("EE", "E", "E", "fixed_indegree", {{"indegree", Int{20}}}, between(0.2, 1.0),
          rule.choice());
  connect("EE2", "E", "E", "fixed_outdegree", {{"outdegree", Int{5}}}, constant_value(0.4),
          rule.choice());
  connect("EI", "E", "I", "pairwise_bernoulli", {{"p", 0.3}}, constant_value(0.5), rule.choice());
  connect("IE", "I", "E", "fixed_indegree", {{"indegree", Int{5}}}, constant_value(-1.0), nullptr);
  return network;
}

const std::vector<std::string> plastic_names{"EE", "EE2", "EI"};

SimulationOptions on(unsigned threads, const std::string& precision = "single") {
  return {.threads = threads, .seed = 11, .precision = precision};
}

void check_same(const Simulation& a, const Simulation& b) {
  CHECK(a.now() == b.now());
  CHECK(a.digest() == b.digest());
  CHECK(a.counters() == b.counters());
  for (const auto& name : plastic_names) {
    CAPTURE(name);
    const auto of_a = a.weights(name), of_b = b.weights(name);
    CHECK((of_a.sources == of_b.sources));
    CHECK((of_a.targets == of_b.targets));
    CHECK((of_a.delays == of_b.delays));
    CHECK((of_a.weights == of_b.weights));
  }
}

}  // namespace

TEST_CASE("the number of threads changes no spike and no bit of a plastic weight") {
  const bool axonal = GENERATE(false, true), own_delays = GENERATE(false, true);
  const auto precision = GENERATE(as<std::string>{}, "single", "double");
  const auto network = recurrent_network(axonal, own_delays);
  Simulation one(network, on(1, precision));
  const auto before = one.weights("EE");
  one.run(duration);
  CHECK(one.counters().spikes > 500);
  CHECK((one.weights("EE").weights != before.weights));
  for (const unsigned threads : {2u, 3u}) {
    CAPTURE(threads);
    Simulation several(network, on(threads, precision));
    CHECK((several.weights("EE").weights == before.weights));
    several.run(duration);
    check_same(one, several);
  }
}

TEST_CASE("a checkpoint at any step continues plastic weights to the bit") {
  const bool axonal = GENERATE(false, true), own_delays = GENERATE(false, true);
  const auto precision = GENERATE(as<std::string>{}, "single", "double");
  const auto network = recurrent_network(axonal, own_delays);
  Simulation whole(network, on(1, precision));
  whole.run(duration);
  auto draws = RandomStream(4, Purpose::shuffle).at(0, 0);
  for (const double when : {0.1, 499.9, 500.0, 0.1 * draws.below(12345)}) {
    CAPTURE(axonal, own_delays, when);
    Simulation before(network, on(1 + draws.below(3), precision));
    before.run(when);
    const auto archive = before.save();
    Simulation after(network, on(1 + draws.below(3), precision));
    after.run(33.0);  // what a load finds is overwritten
    after.load(archive);
    check_same(before, after);
    after.run(duration - after.now());
    check_same(whole, after);
  }
}

TEST_CASE("the arrays of a plastic checkpoint do not depend on threads") {
  const auto network = recurrent_network(false, true);
  const auto saved = [&](unsigned threads) {
    Simulation simulation(network, on(threads));
    simulation.run(777.7);
    return simulation.save();
  };
  const auto one = saved(1), three = saved(3);
  for (const auto& [name, array] : one.arrays()) {
    if (name.find("projection") == std::string::npos) continue;
    CAPTURE(name);
    CHECK((array == three.arrays().at(name)));
  }
}

TEST_CASE("cutting a run, and reading weights between the pieces, changes nothing") {
  const auto network = recurrent_network(false, true);
  Simulation whole(network, on(2)), pieces(network, on(2));
  whole.run(duration);
  for (const double piece : {0.1, 33.3, 466.6, 0.0, 0.1, 499.9, 200.0, 34.5}) {
    pieces.run(piece);
    for (const auto& name : plastic_names) CHECK(pieces.weights(name).size() > 0);
  }
  check_same(whole, pieces);
}

TEST_CASE("a simulation that is reset has its plastic weights as they were drawn") {
  const auto network = recurrent_network(false, false);
  Simulation simulation(network, on(2));
  const auto drawn = simulation.weights("EE").weights;
  simulation.run(700.0);
  const auto digest = simulation.digest();
  CHECK((simulation.weights("EE").weights != drawn));
  simulation.reset();
  CHECK((simulation.weights("EE").weights == drawn));
  simulation.run(700.0);
  CHECK(simulation.digest() == digest);
}

TEST_CASE("weights that are written are the weights from then on") {
  const bool axonal = GENERATE(false, true);
  const double when = GENERATE(0.0, 80.3, 612.0);
  CAPTURE(axonal, when);
  const PairRule rule{.axonal = axonal};
  auto network = imposed_network(3, 3);
  add_noise(network, "pre", 30.0);
  add_noise(network, "post", 30.0);
  add_plastic(network, constant_value(50.0), constant_value(2.0), rule.choice());
  Simulation untouched(network, {.threads = 2, .seed = 4}),
      written(network, {.threads = 2, .seed = 4});
  untouched.run(when);
  written.run(when);
  auto values = untouched.weights("plastic").weights;
  written.set_weights("plastic", values);
  CHECK((written.weights("plastic").weights == values));
  // Written as they were, they change nothing beyond rounding.
  untouched.run(300.0);
  written.run(300.0);
  const auto a = untouched.weights("plastic").weights, b = written.weights("plastic").weights;
  for (std::size_t k = 0; k < a.size(); ++k) CHECK(a[k] == Approx(b[k]).epsilon(1e-12));

  for (std::size_t k = 0; k < values.size(); ++k) values[k] = static_cast<double>(k);
  written.set_weights("plastic", values);
  CHECK((written.weights("plastic").weights == values));
  const auto archive = written.save();
  Simulation resumed(network, {.threads = 1, .seed = 4});
  resumed.load(archive);
  resumed.run(100.0);
  written.run(100.0);
  CHECK((resumed.weights("plastic").weights == written.weights("plastic").weights));
}

TEST_CASE("weights of static projections are read, and refused in writing") {
  const auto network = recurrent_network(false, false);
  Simulation simulation(network, on(2));
  const auto table = simulation.weights("IE");
  CHECK(table.size() == 60 * 5);
  CHECK(table.weights == std::vector<double>(300, -1.0));
  CHECK(std::ranges::is_sorted(table.sources));
  CHECK_THROWS_AS(simulation.set_weights("IE", std::vector<double>(300, -2.0)), Unsupported);
  CHECK_THROWS_AS(simulation.weights("EEE"), UnknownName);
  CHECK_THROWS_AS(simulation.set_weights("EE", std::vector<double>(3, 0.5)), InvalidValue);
  CHECK_THROWS_AS(simulation.set_weights("EE", std::vector<double>(1200, 2.5)), InvalidValue);
}

TEST_CASE("a plastic projection adds what a static one of the same weights adds") {
  // Without change of weight, sums are the same to the bit in any mixture of projections.
  const auto digest = [](PlasticityPtr plasticity) {
    auto network = Network();
    const ValueMap neuron{{"E_L", 0.0}, {"V_th", 20.0}, {"V_reset", 10.0}};
    network.add(PopulationSpec{.name = "E",
                               .model = "iaf_psc_delta",
                               .size = 80,
                               .parameters = {.common = neuron, .per_neuron = {}}});
    network.add(StimulusSpec{.name = "noise",
                             .model = "poisson_generator",
                             .target = "E",
                             .parameters = {{"rate", 3000.0}, {"weight", 0.7}}});
    network.add(
        ProjectionSpec{.source = "E",
                       .target = "E",
                       .rule = connection_rule("fixed_indegree", {{"indegree", std::int64_t{8}}}),
                       .weight = constant_value(0.7),
                       .delay = between(0.2, 5.0),
                       .port = {},
                       .plasticity = std::move(plasticity)});
    Simulation simulation(network, on(2));
    simulation.run(600.0);
    return simulation.digest();
  };
  CHECK(digest(nullptr) == digest(PairRule{.A_plus = 0.0, .A_minus = 0.0}.choice()));
}

TEST_CASE("the event runtime refuses plastic projections") {
  CHECK_THROWS_WITH(
      Simulation(recurrent_network(false, false), {.runtime = "event"}),
      Catch::Matchers::Contains("'EE'") && Catch::Matchers::Contains("expected runtime clock"));
}
