/// The dimensionless family: lif, alif, integrate_and_fire, leaky_integrator.

#include <cmath>
#include <limits>
#include <random>

#include "tests/catch.hpp"
#include "tests/neurons/circuit.hpp"

using namespace ranvier;
using namespace ranvier::testing;

namespace {

SimulationOptions steps_of_one(const std::string& runtime, bool on_grid = false) {
  return on(runtime, 1.0, on_grid);
}

}  // namespace

TEST_CASE("soft reset subtracts the threshold, hard reset forgets the rest") {
  const auto model = GENERATE(as<std::string>{}, "lif", "integrate_and_fire", "alif");
  const auto runtime = GENERATE(as<std::string>{}, "clock", "event");
  CAPTURE(model, runtime);
  for (const auto& [reset, left] : {std::pair("soft", 0.25), std::pair("hard", 0.0)}) {
    Simulation simulation(one_neuron(model, {{"reset", std::string(reset)}, {"V_th", 0.5}},
                                     {{3.0, 0.75, "membrane"}}),
                          steps_of_one(runtime, true));
    simulation.run(3.0);
    CHECK(simulation.spike_count("neuron") == 1);
    CHECK(simulation.state("neuron", "V_m")[0] == left);
  }
}

TEST_CASE("lif follows V[t] = beta V[t-1] + drive + arrivals[t]") {
  const double tau_m = 3.0, drive = 0.05, beta = std::exp(-1.0 / tau_m);
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> weight(-0.3, 1.2);
  std::vector<Input> inputs;
  std::vector<double> arrivals(41, 0.0);
  for (int t = 2; t <= 40; t += 3) {
    arrivals[static_cast<std::size_t>(t)] = weight(random);
    inputs.push_back({static_cast<double>(t), arrivals[static_cast<std::size_t>(t)], "membrane"});
  }
  const auto [runtime, on_grid] = GENERATE(std::pair("clock", false), std::pair("event", true));
  Simulation simulation(
      one_neuron("lif", {{"tau_m", tau_m}, {"I_e", drive}, {"V_th", 0.6}}, inputs),
      steps_of_one(runtime, on_grid), {every(1.0, {"V_m"})});
  simulation.run(40.0);

  double V = 0.0;
  std::size_t spikes = 0;
  for (std::size_t t = 1; t <= 40; ++t) {
    V = beta * V + drive + arrivals[t];
    if (V >= 0.6) {
      V -= 0.6;
      ++spikes;
    }
    CHECK(simulation.recording(0).values[0][t - 1] == Approx(V).margin(1e-14));
  }
  CHECK(simulation.spike_count("neuron") == spikes);
  CHECK(spikes > 2);
}

TEST_CASE("the rate of integrate_and_fire is the rectified linear function of its drive") {
  const double drive = GENERATE(-0.3, 0.0, 0.137, 0.5001, 0.93);
  const auto [runtime, on_grid] = GENERATE(std::pair("clock", false), std::pair("event", true));
  CAPTURE(drive, runtime);
  constexpr double steps = 1000.0;
  Simulation simulation(one_neuron("integrate_and_fire", {{"I_e", drive}, {"V_initial", 0.5}}),
                        steps_of_one(runtime, on_grid));
  simulation.run(steps);
  const auto count = static_cast<double>(simulation.spike_count("neuron"));
  // Starting at half the threshold the count is the rounded sum of the drive.
  CHECK(std::abs(count - std::max(0.0, drive) * steps) <= 0.5 + 1e-9);
}

TEST_CASE("integrate_and_fire fires in continuous time when its drive has added up") {
  Simulation simulation(one_neuron("integrate_and_fire", {{"I_e", 0.37}}), on("event"));
  simulation.run(50.0);
  const auto train = simulation.spikes("neuron");
  REQUIRE(train.size() == 18);
  for (std::size_t k = 0; k < train.size(); ++k) {
    CHECK(std::abs(train.times[k] - static_cast<double>(k + 1) / 0.37) < 1e-9);
  }
}

TEST_CASE("lif fires in continuous time at the logarithm of its drive") {
  const double tau_m = 5.0, drive = 0.3;
  Simulation simulation(
      one_neuron("lif", {{"I_e", drive}, {"tau_m", tau_m}, {"reset", std::string("hard")}}),
      on("event"));
  simulation.run(60.0);
  const auto train = simulation.spikes("neuron");
  const double settles = drive / (1.0 - std::exp(-1.0 / tau_m));
  const double period = tau_m * std::log(settles / (settles - 1.0));
  REQUIRE(train.size() == static_cast<std::size_t>(60.0 / period));
  for (std::size_t k = 0; k < train.size(); ++k) {
    CHECK(std::abs(train.times[k] - static_cast<double>(k + 1) * period) < 1e-9);
  }
}

TEST_CASE("every spike of alif raises its threshold by beta, and the rise decays with tau_adapt") {
  const double beta = 0.4, tau_adapt = 50.0, tau_m = 20.0;
  const auto [runtime, on_grid] = GENERATE(std::pair("clock", false), std::pair("event", true));
  CAPTURE(runtime);
  Simulation simulation(
      one_neuron("alif",
                 {{"beta", beta}, {"tau_adapt", tau_adapt}, {"tau_m", tau_m}, {"I_e", 0.21}}),
      steps_of_one(runtime, on_grid), {every(1.0, {"V_m", "a"})});
  simulation.run(300.0);

  double V = 0.0, a = 0.0;
  std::vector<double> times;
  for (int t = 1; t <= 300; ++t) {
    V = std::exp(-1.0 / tau_m) * V + 0.21;
    a *= std::exp(-1.0 / tau_adapt);
    const double threshold = 1.0 + beta * a;
    if (V >= threshold) {
      V -= threshold;
      a += 1.0;
      times.push_back(t);
    }
    CHECK(simulation.recording(0).values[0][static_cast<std::size_t>(t) - 1] ==
          Approx(V).margin(1e-12));
    CHECK(simulation.recording(0).values[1][static_cast<std::size_t>(t) - 1] ==
          Approx(a).margin(1e-12));
  }
  CHECK(simulation.spikes("neuron").times == times);
  REQUIRE(times.size() > 8);
  // Adaptation: the last interval is longer than the first.
  CHECK(times.back() - times[times.size() - 2] > times[1] - times[0]);
}

TEST_CASE("without beta alif is lif") {
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> weight(-0.3, 0.9);
  std::vector<Input> inputs;
  for (int t = 1; t <= 100; ++t)
    inputs.push_back({static_cast<double>(t), weight(random), "membrane"});
  const auto spikes_of = [&](const std::string& model, ValueMap extra) {
    extra["tau_m"] = 7.0;
    Simulation simulation(one_neuron(model, extra, inputs), steps_of_one("clock"));
    simulation.run(100.0);
    return simulation.spikes("neuron").times;
  };
  const auto lif = spikes_of("lif", {});
  CHECK(lif.size() > 5);
  CHECK(spikes_of("alif", {{"beta", 0.0}}) == lif);
}

TEST_CASE("leaky_integrator filters what arrives and never fires") {
  const auto [runtime, on_grid] =
      GENERATE(std::pair("clock", false), std::pair("event", true), std::pair("event", false));
  const std::vector<Input> inputs{{1.0, 3.0, "membrane"}, {4.0, 5.0, "membrane"}};
  SECTION("with a leak") {
    Simulation simulation(one_neuron("leaky_integrator", {{"tau_m", 2.5}}, inputs),
                          steps_of_one(runtime, on_grid));
    simulation.run(6.0);
    CHECK(simulation.state("neuron", "V_m")[0] ==
          Approx(3.0 * std::exp(-2.0) + 5.0 * std::exp(-0.8)).epsilon(1e-14));
    CHECK(simulation.spike_count("neuron") == 0);
  }
  SECTION("an infinite time constant sums up") {
    Simulation simulation(
        one_neuron("leaky_integrator",
                   {{"tau_m", std::numeric_limits<double>::infinity()}, {"I_e", 0.25}}, inputs),
        steps_of_one(runtime, on_grid));
    simulation.run(6.0);
    CHECK(simulation.state("neuron", "V_m")[0] == 8.0 + 6 * 0.25);
  }
}

TEST_CASE("while refractory a unit membrane integrates and withholds its spike") {
  const auto [runtime, on_grid] = GENERATE(std::pair("clock", false), std::pair("event", true));
  Simulation simulation(one_neuron("integrate_and_fire", {{"t_ref", 4.0}, {"I_e", 0.5}}),
                        steps_of_one(runtime, on_grid));
  simulation.run(20.0);
  // Two steps to the first spike; then every fifth step, with ever more on the membrane.
  CHECK(simulation.spikes("neuron").times == std::vector<double>{2.0, 7.0, 12.0, 17.0});
  CHECK(simulation.state("neuron", "V_m")[0] == 20 * 0.5 - 4.0);
}
