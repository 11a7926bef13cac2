/// The statistics of Poisson input. Bounds are four standard errors of what is estimated.

#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "neurons/devices/poisson_generator.hpp"
#include "tests/catch.hpp"
#include "tests/neurons/circuit.hpp"

using namespace ranvier;
using namespace ranvier::testing;

namespace {

constexpr double resolution = 0.1;

StimulusSetup setup_of(std::size_t targets, std::uint64_t seed = 1) {
  return {.parameters = {},
          .spike_times = {},
          .targets = targets,
          .random = RandomStream(seed, Purpose::stimulus),
          .grid = TimeGrid(resolution),
          .where = "device 'noise'"};
}

PoissonGenerator generator(double rate, std::uint64_t seed = 1) {
  PoissonGenerator::Parameters p;
  p.rate = rate;
  return {p, setup_of(64, seed)};
}

/// Mean and variance of the counts of each of two targets, and their correlation.
struct Moments {
  double mean_a = 0.0, mean_b = 0.0, variance_a = 0.0, variance_b = 0.0, correlation = 0.0;
};

Moments moments_of(const PoissonGenerator& device, NeuronId a, NeuronId b, int n) {
  double sum_a = 0.0, sum_b = 0.0, aa = 0.0, bb = 0.0, ab = 0.0;
  for (int step = 1; step <= n; ++step) {
    const double x = device.amount(a, step), y = device.amount(b, step);
    sum_a += x;
    sum_b += y;
    aa += x * x;
    bb += y * y;
    ab += x * y;
  }
  Moments m{.mean_a = sum_a / n, .mean_b = sum_b / n};
  m.variance_a = aa / n - m.mean_a * m.mean_a;
  m.variance_b = bb / n - m.mean_b * m.mean_b;
  m.correlation = (ab / n - m.mean_a * m.mean_b) / std::sqrt(m.variance_a * m.variance_b);
  return m;
}

}  // namespace

TEST_CASE("counts on the grid have the mean and variance of a Poisson process") {
  const double rate = GENERATE(50.0, 8000.0, 90000.0, 150000.0, 1e6);
  const auto target = GENERATE(NeuronId{0}, NeuronId{7});
  constexpr int n = 200000;
  const double mean = rate * 1e-3 * resolution;
  CAPTURE(rate, target);
  const auto m = moments_of(generator(rate), target, target + 1, n);
  const double error_of_mean = std::sqrt(mean / n);
  // The fourth central moment of a Poisson variable is mean + 3 mean^2.
  const double error_of_variance = std::sqrt((mean + 2.0 * mean * mean) / n);
  CHECK(std::abs(m.mean_a - mean) < 4.0 * error_of_mean);
  CHECK(std::abs(m.variance_a - mean) < 4.0 * error_of_variance);
}

TEST_CASE("trains of different targets are uncorrelated") {
  constexpr int n = 200000;
  const double rate = GENERATE(8000.0, 150000.0);
  const auto device = generator(rate);
  // Targets 4 and 5 share a block of random bits, 5 and 6 do not.
  const auto [a, b] = GENERATE(std::pair(4u, 5u), std::pair(5u, 6u), std::pair(4u, 36u));
  CAPTURE(rate, a, b);
  CHECK(std::abs(moments_of(device, a, b, n).correlation) < 4.0 / std::sqrt(n));
}

TEST_CASE("successive steps of a train are uncorrelated") {
  constexpr int n = 200000;
  const auto device = generator(8000.0);
  const double mean = 0.8;
  double sum = 0.0;
  for (Step step = 1; step <= n; ++step) {
    sum += (device.amount(3, step) - mean) * (device.amount(3, step + 1) - mean);
  }
  CHECK(std::abs(sum / n / mean) < 4.0 / std::sqrt(n));
}

TEST_CASE("small counts are distributed as Poisson says") {
  constexpr int n = 400000;
  const auto device = generator(8000.0);
  std::vector<int> seen(12, 0);
  for (Step step = 1; step <= n; ++step)
    ++seen.at(static_cast<std::size_t>(device.amount(1, step)));
  double p = std::exp(-0.8);
  for (int k = 0; k < 6; p *= 0.8 / ++k) {
    CAPTURE(k);
    CHECK(std::abs(seen[static_cast<std::size_t>(k)] - n * p) < 4.0 * std::sqrt(n * p * (1.0 - p)));
  }
}

TEST_CASE("delivery to a range is what each target's train says") {
  const double rate = GENERATE(8000.0, 150000.0);
  const auto device = generator(rate);
  const NeuronRange range = GENERATE(NeuronRange{0, 10}, NeuronRange{3, 8}, NeuronRange{5, 6});
  for (Step step = 1; step < 50; ++step) {
    std::vector<double> arrived(64, 0.0);
    device.deliver(step, range, arrived.data() + range.begin);
    for (NeuronId i = 0; i < 64; ++i) {
      const bool inside = i >= range.begin && i < range.end;
      CHECK(arrived[i] == (inside ? device.amount(i, step) : 0.0));
    }
  }
}

TEST_CASE("the next step with a spike is the first that is not empty") {
  const auto device = generator(300.0);
  Step after = 0;
  for (int k = 0; k < 200; ++k) {
    const auto next = device.next_step(9, after, 1000000);
    for (Step step = after + 1; step < next; ++step) REQUIRE(device.amount(9, step) == 0.0);
    REQUIRE(device.amount(9, next) > 0.0);
    after = next;
  }
  CHECK(device.next_step(9, after, after) == after + 1);
}

TEST_CASE("gaps in continuous time are exponential with the mean of the rate") {
  const double rate = 400.0;
  constexpr int n = 100000;
  const auto device = generator(rate);
  Arrival arrival{.time = -std::numeric_limits<double>::infinity()};
  double previous = 0.0, sum = 0.0, squares = 0.0;
  int longer_than_mean = 0;
  for (int k = 0; k < n; ++k) {
    arrival = device.next(5, arrival);
    const double gap = arrival.time - previous;
    previous = arrival.time;
    REQUIRE(gap > 0.0);
    sum += gap;
    squares += gap * gap;
    longer_than_mean += gap > 1e3 / rate;
  }
  const double mean = 1e3 / rate;
  CHECK(std::abs(sum / n - mean) < 4.0 * mean / std::sqrt(n));
  // The second moment of an exponential variable is 2 mean^2, its variance 20 mean^4.
  CHECK(std::abs(squares / n - 2.0 * mean * mean) < 4.0 * std::sqrt(20.0 / n) * mean * mean);
  const double p = std::exp(-1.0);
  CHECK(std::abs(longer_than_mean - n * p) < 4.0 * std::sqrt(n * p * (1.0 - p)));
}

TEST_CASE("another seed is another train, the same seed the same") {
  const auto first = generator(8000.0, 1), again = generator(8000.0, 1),
             other = generator(8000.0, 2);
  int differences = 0;
  for (Step step = 1; step <= 100; ++step) {
    CHECK(first.amount(0, step) == again.amount(0, step));
    differences += first.amount(0, step) != other.amount(0, step);
  }
  CHECK(differences > 20);
}

TEST_CASE("a Poisson generator is silent outside start and stop") {
  PoissonGenerator::Parameters p;
  p.rate = 50000.0;
  p.start = 2.0;
  p.stop = 3.0;
  const PoissonGenerator device(p, setup_of(1));
  double before = 0.0, during = 0.0, after = 0.0;
  for (Step step = 1; step <= 60; ++step) {
    (step <= 20 ? before : step <= 30 ? during : after) += device.amount(0, step);
  }
  CHECK(before == 0.0);
  CHECK(during > 20.0);
  CHECK(after == 0.0);
  CHECK(device.next_step(0, 0, 1000) > 20);
  CHECK(device.next_step(0, 30, 1000) == 1001);

  Arrival arrival = device.next(0, {.time = -std::numeric_limits<double>::infinity()});
  CHECK(arrival.time > 2.0);
  while (std::isfinite(arrival.time)) {
    CHECK(arrival.time <= 3.0);
    arrival = device.next(0, arrival);
  }
}

TEST_CASE("a Poisson generator without a rate never does anything") {
  const auto device = generator(0.0);
  CHECK(device.next_step(0, 0, 1000000) == 1000001);
  CHECK(!std::isfinite(device.next(0, {.time = -std::numeric_limits<double>::infinity()}).time));
}

TEST_CASE("clock and event runtime on the grid receive identical Poisson trains") {
  Network network;
  network.add(PopulationSpec{.name = "neuron", .model = "parrot", .size = 33});
  network.add(StimulusSpec{.name = "noise",
                           .model = "poisson_generator",
                           .target = "neuron",
                           .parameters = {{"rate", 700.0}, {"start", 5.0}}});
  Simulation clock(network, on("clock")), event(network, on("event", 0.1, true));
  clock.run(200.0);
  event.run(200.0);
  CHECK(clock.spike_count("neuron") > 3000);
  CHECK(clock.spikes("neuron").times == event.spikes("neuron").times);
  CHECK(clock.spikes("neuron").neurons == event.spikes("neuron").neurons);
  CHECK(clock.digest() == event.digest());
}

TEST_CASE("a stop before the start is refused") {
  Network network = one_neuron("parrot", {});
  network.add(StimulusSpec{.name = "noise",
                           .model = "poisson_generator",
                           .target = "neuron",
                           .parameters = {{"start", 5.0}, {"stop", 4.0}}});
  CHECK_THROWS_AS(Simulation(network, on("clock")), InvalidValue);
}
