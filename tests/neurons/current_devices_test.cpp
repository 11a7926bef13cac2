/// Currents that devices inject: dc_generator and noise_generator.

#include <cmath>
#include <limits>

#include "neurons/devices/noise_generator.hpp"
#include "tests/catch.hpp"
#include "tests/neurons/circuit.hpp"

using namespace ranvier;
using namespace ranvier::testing;

namespace {

Network with_device(const std::string& device, ValueMap parameters, std::size_t size = 1) {
  Network network;
  network.add(PopulationSpec{.name = "neuron", .model = "iaf_psc_exp", .size = size});
  network.add(StimulusSpec{
      .name = "device", .model = device, .target = "neuron", .parameters = std::move(parameters)});
  return network;
}

const std::pair<const char*, bool> runtimes[] = {
    {"clock", false}, {"event", true}, {"event", false}};

RandomStream stream_of_first_device() { return RandomStream(1, Purpose::stimulus, 0); }

}  // namespace

TEST_CASE("a dc generator injects its amplitude from start to stop") {
  for (const auto& [runtime, on_grid] : runtimes) {
    CAPTURE(runtime, on_grid);
    Simulation simulation(
        with_device("dc_generator", {{"amplitude", 123.4}, {"start", 2.0}, {"stop", 5.0}}),
        on(runtime, 0.5, on_grid), {every(0.5, {"I_stim"})});
    simulation.run(8.0);
    const auto& recording = simulation.recording(0);
    REQUIRE(recording.times.size() == 16);
    for (std::size_t k = 0; k < recording.times.size(); ++k) {
      const double t = recording.times[k];
      CHECK(recording.values[0][k] == (t >= 2.0 && t < 5.0 ? 123.4 : 0.0));
    }
  }
}

TEST_CASE("a dc generator moves the membrane as I_e does") {
  for (const auto& [runtime, on_grid] : runtimes) {
    CAPTURE(runtime, on_grid);
    Simulation simulation(with_device("dc_generator", {{"amplitude", 300.0}, {"start", 1.0}}),
                          on(runtime, 0.1, on_grid));
    simulation.run(11.0);
    CHECK(simulation.state("neuron", "V_m")[0] ==
          Approx(-70.0 - 12.0 * std::expm1(-1.0)).epsilon(1e-13));
  }
}

TEST_CASE("a dc generator without an end or without a duration") {
  for (const auto& [runtime, on_grid] : runtimes) {
    CAPTURE(runtime, on_grid);
    Simulation endless(with_device("dc_generator", {{"amplitude", 10.0}}),
                       on(runtime, 0.1, on_grid));
    endless.run(50.0);
    CHECK(endless.state("neuron", "I_stim")[0] == 10.0);
    Simulation empty(
        with_device("dc_generator", {{"amplitude", 10.0}, {"start", 3.0}, {"stop", 3.0}}),
        on(runtime, 0.1, on_grid));
    empty.run(50.0);
    CHECK(empty.state("neuron", "I_stim")[0] == 0.0);
  }
}

TEST_CASE("a noise generator injects mean + std z_k, and exactly nothing after its stop") {
  const double mean = 100.0, deviation = 37.0, dt = 0.7, start = 1.4, stop = 701.4;
  for (const auto& [runtime, on_grid] : runtimes) {
    CAPTURE(runtime, on_grid);
    Simulation simulation(
        with_device(
            "noise_generator",
            {{"mean", mean}, {"std", deviation}, {"dt", dt}, {"start", start}, {"stop", stop}}, 3),
        on(runtime, 0.1, on_grid), {every(0.5, {"I_stim"})});
    simulation.run(800.0);
    const auto& recording = simulation.recording(0);
    REQUIRE(recording.times.size() == 1600);
    double worst = 0.0;
    for (std::size_t k = 0; k < recording.times.size(); ++k) {
      const double t = recording.times[k];
      // Whole tenths of a millisecond, so that a boundary falls to the interval that it begins.
      const auto tenths = std::lround(10.0 * t);
      for (NeuronId i = 0; i < 3; ++i) {
        const double I = recording.values[0][3 * k + i];
        if (tenths < 14 || tenths >= 7014) {
          CHECK(I == 0.0);
        } else {
          const auto interval = static_cast<std::uint64_t>((tenths - 14) / 7);
          const double z = stream_of_first_device().at(i, interval).normal();
          worst = std::max(worst, std::abs(I - (mean + deviation * z)));
        }
      }
    }
    // Values up to mean + 8 std, below 512, are rounded to multiples of 2^-32.
    CHECK(worst <= std::ldexp(1.0, -33) + 1e-13);
  }
}

TEST_CASE("noise of different targets and intervals has the mean and deviation asked for") {
  NoiseGenerator::Parameters p;
  p.mean = 20.0;
  p.std_dev = 5.0;
  const NoiseGenerator device(p, StimulusSetup{.parameters = {},
                                               .spike_times = {},
                                               .targets = 200,
                                               .random = RandomStream(3, Purpose::stimulus),
                                               .grid = TimeGrid(0.5),
                                               .where = "device 'noise'"});
  constexpr int targets = 200, intervals = 500, n = targets * intervals;
  double sum = 0.0, squares = 0.0;
  for (NeuronId i = 0; i < targets; ++i) {
    Arrival arrival{.time = -std::numeric_limits<double>::infinity()};
    double I = 0.0;
    for (int k = 0; k < intervals; ++k) {
      arrival = device.next(i, arrival);
      CHECK(arrival.time == static_cast<double>(k));
      I += arrival.amount;
      sum += I;
      squares += (I - 20.0) * (I - 20.0);
    }
  }
  CHECK(std::abs(sum / n - 20.0) < 4.0 * 5.0 / std::sqrt(n));
  CHECK(std::abs(squares / n - 25.0) < 4.0 * 25.0 * std::sqrt(2.0 / n));
}

TEST_CASE("noise whose values last less than a step keeps the last value of each step") {
  Simulation simulation(with_device("noise_generator", {{"mean", 1.0}, {"std", 1.0}, {"dt", 0.2}}),
                        on("clock", 0.5), {every(0.5, {"I_stim"})});
  simulation.run(20.0);
  const auto& recording = simulation.recording(0);
  for (std::size_t k = 0; k < recording.times.size(); ++k) {
    const auto interval = static_cast<std::uint64_t>(std::floor(recording.times[k] / 0.2 + 1e-9));
    const double z = stream_of_first_device().at(0, interval).normal();
    CHECK(recording.values[0][k] == Approx(1.0 + z).margin(1e-10));
  }
}
