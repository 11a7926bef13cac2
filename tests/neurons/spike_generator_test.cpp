#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "neurons/devices/spike_generator.hpp"
#include "tests/catch.hpp"
#include "tests/neurons/circuit.hpp"

using namespace ranvier;
using namespace ranvier::testing;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

SpikeGenerator generator(std::vector<std::vector<double>> times, double weight = 1.0) {
  SpikeGenerator::Parameters p;
  p.weight = weight;
  const auto targets = times.size();
  return {p, StimulusSetup{.parameters = {},
                           .spike_times = std::move(times),
                           .targets = targets,
                           .random = RandomStream(1, Purpose::stimulus),
                           .grid = TimeGrid(0.1),
                           .where = "device 'spikes'"}};
}

}  // namespace

TEST_CASE("spikes arrive with the step in which they lie") {
  const auto device = generator({{0.3, 0.05, 1.01, 0.0}}, 2.5);
  // 0.3 ms is the end of the third step although 0.3 is no multiple of 0.1 in binary.
  for (Step step = 1; step <= 20; ++step) {
    const double expected = step == 1 ? 5.0 : step == 3 || step == 11 ? 2.5 : 0.0;
    CAPTURE(step);
    CHECK(device.amount(0, step) == expected);
  }
}

TEST_CASE("spikes in continuous time arrive in order, equal ones together") {
  const auto device = generator({{4.0, 1.5, 4.0, 0.0}, {}}, -2.0);
  auto arrival = device.next(0, {.time = -infinity});
  CHECK(arrival.time == 0.0);
  CHECK(arrival.amount == -2.0);
  arrival = device.next(0, arrival);
  CHECK(arrival.time == 1.5);
  arrival = device.next(0, arrival);
  CHECK(arrival.time == 4.0);
  CHECK(arrival.amount == -4.0);
  CHECK(device.next(0, arrival).time == infinity);
  CHECK(device.next(1, {.time = -infinity}).time == infinity);
}

TEST_CASE("delivery and the next step agree with the amounts") {
  const auto device = generator({{0.3, 0.5}, {}, {0.5, 0.5, 2.0}, {0.1, 0.5}}, 3.0);
  for (Step step = 1; step <= 25; ++step) {
    std::vector<double> arrived(4, 0.0);
    device.deliver(step, {1, 3}, arrived.data() + 1);
    CHECK(arrived == std::vector<double>{0.0, device.amount(1, step), device.amount(2, step), 0.0});
  }
  CHECK(device.next_step(0, 0, 100) == 3);
  CHECK(device.next_step(0, 3, 100) == 5);
  CHECK(device.next_step(0, 5, 100) == 101);
  CHECK(device.next_step(0, 3, 4) == 5);
  CHECK(device.next_step(1, 0, 100) == 101);
}

TEST_CASE("spike times that no run can reach are refused") {
  const double time = GENERATE(-1.0, infinity, std::numeric_limits<double>::quiet_NaN());
  CHECK_THROWS_AS(generator({{1.0}, {time}}), InvalidValue);
}
