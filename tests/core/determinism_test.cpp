/// Equal networks and seeds run equal, bit by bit, however the work is cut: over threads, over
/// runs, over checkpoints, over the two runtimes on the grid.

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/simulation.hpp"
#include "tests/catch.hpp"
#include "tests/core/small_networks.hpp"

using namespace ranvier;
using namespace ranvier::testing;

namespace {

constexpr double duration = 200.0;  // ms

SimulationOptions clock_on(unsigned threads, std::uint64_t seed = 5) {
  return {.runtime = "clock", .threads = threads, .seed = seed};
}

/// What the event runtime computes in.
SimulationOptions in_doubles(SimulationOptions options) {
  options.precision = "double";
  return options;
}

SimulationOptions event_on_grid(std::uint64_t seed = 5) {
  return {.runtime = "event", .on_grid = true, .seed = seed};
}

Simulation made(const SmallNetwork& small, const SimulationOptions& options) {
  return Simulation(small.network, options, small.recorders);
}

Simulation after_run(const SmallNetwork& small, const SimulationOptions& options) {
  auto simulation = made(small, options);
  simulation.run(duration);
  return simulation;
}

void check_same_spikes(const Simulation& a, const Simulation& b) {
  for (const auto& population : a.network().populations()) {
    CAPTURE(population.name, population.model);
    const auto of_a = a.spikes(population.name), of_b = b.spikes(population.name);
    // A second pair of brackets keeps thousands of numbers out of the report.
    CHECK((of_a.times == of_b.times));
    CHECK((of_a.neurons == of_b.neurons));
    CHECK(a.spike_count(population.name) == b.spike_count(population.name));
    CHECK(of_a.size() == a.spike_count(population.name));
  }
  CHECK(a.digest() == b.digest());
  CHECK(a.counters().spikes == b.counters().spikes);
}

void check_same_traces(const Simulation& a, const Simulation& b) {
  REQUIRE(a.recorders().size() == b.recorders().size());
  for (std::size_t r = 0; r < a.recorders().size(); ++r) {
    CHECK((a.recording(r).times == b.recording(r).times));
    CHECK((a.recording(r).values == b.recording(r).values));
  }
}

/// Largest difference of two recordings, in units of the larger of 1 and the value.
double difference(const StateRecording& a, const StateRecording& b) {
  double largest = 0.0;
  for (std::size_t v = 0; v < a.values.size(); ++v) {
    REQUIRE(a.values[v].size() == b.values[v].size());
    for (std::size_t k = 0; k < a.values[v].size(); ++k) {
      const double x = a.values[v][k], y = b.values[v][k];
      largest = std::max(largest, std::abs(x - y) / std::max(1.0, std::abs(x)));
    }
  }
  return largest;
}

std::uint64_t spikes_of(const Simulation& simulation) { return simulation.counters().spikes; }

}  // namespace

TEST_CASE("the number of threads changes no spike and no bit of a trace") {
  const auto seed = GENERATE(range(0u, 12u));
  CAPTURE(seed);
  const auto small = small_network(seed);
  const auto one = after_run(small, clock_on(1));
  CHECK(spikes_of(one) > 50);
  for (const unsigned threads : {2u, 3u}) {
    CAPTURE(threads);
    const auto several = after_run(small, clock_on(threads));
    check_same_spikes(one, several);
    check_same_traces(one, several);
    CHECK(one.counters() == several.counters());
    CHECK(one.synapses() == several.synapses());
  }
}

TEST_CASE("more threads than neurons change nothing") {
  const auto small = small_network(3);
  check_same_spikes(after_run(small, clock_on(1)), after_run(small, clock_on(16)));
}

TEST_CASE("another seed gives other spikes, the same seed the same") {
  const auto small = small_network(1);
  const auto first = after_run(small, clock_on(1, 8));
  CHECK(first.digest() == after_run(small, clock_on(1, 8)).digest());
  CHECK(first.digest() != after_run(small, clock_on(1, 9)).digest());
}

TEST_CASE("on the grid the event runtime gives the spikes of the clock runtime") {
  const auto seed = GENERATE(range(0u, 24u));
  CAPTURE(seed);
  const auto small = small_network(seed);
  const auto clock = after_run(small, in_doubles(clock_on(2)));
  const auto event = after_run(small, event_on_grid());
  check_same_spikes(clock, event);
  for (std::size_t r = 0; r < clock.recorders().size(); ++r) {
    CAPTURE(clock.recorders()[r].population);
    CHECK((clock.recording(r).times == event.recording(r).times));
    // Many short steps and few long ones round differently, and only in the last digits.
    CHECK(difference(clock.recording(r), event.recording(r)) < 1e-9);
  }
}

TEST_CASE("a run in pieces is one run") {
  const auto seed = GENERATE(range(0u, 6u));
  for (const auto& options :
       {clock_on(2), event_on_grid(), SimulationOptions{.runtime = "event"}}) {
    CAPTURE(seed, options.runtime, options.on_grid);
    const auto small = small_network(seed);
    const auto whole = after_run(small, options);
    auto pieces = made(small, options);
    for (const double piece : {0.1, 0.0, 33.3, 66.6, 99.9, 0.1}) pieces.run(piece);
    CHECK(pieces.now() == whole.now());
    check_same_spikes(whole, pieces);
    check_same_traces(whole, pieces);
  }
}

TEST_CASE("a simulation that is reset repeats itself") {
  for (const auto& options :
       {clock_on(2), event_on_grid(), SimulationOptions{.runtime = "event"}}) {
    CAPTURE(options.runtime, options.on_grid);
    const auto small = small_network(4);
    const auto once = after_run(small, options);
    auto again = made(small, options);
    again.run(71.3);
    again.reset();
    CHECK(again.now() == 0.0);
    CHECK(again.counters() == RunCounters{});
    again.run(duration);
    check_same_spikes(once, again);
    check_same_traces(once, again);
    CHECK(once.counters() == again.counters());
  }
}

TEST_CASE("a checkpoint continues as if there had been none") {
  const auto seed = GENERATE(range(0u, 6u));
  const auto small = small_network(seed);
  auto draws = RandomStream(seed, Purpose::shuffle).at(0, 0);
  for (const auto& options : {clock_on(1), clock_on(2), event_on_grid(),
                              SimulationOptions{.runtime = "event", .seed = 5}}) {
    const double when = 0.1 * draws.below(1990);
    CAPTURE(seed, options.runtime, options.on_grid, options.threads, when);
    const auto whole = after_run(small, options);
    auto before = made(small, options);
    before.run(when);
    const auto archive = before.save();

    auto elsewhere = options;
    if (options.runtime == "clock") elsewhere.threads = 1 + draws.below(4);
    auto after = made(small, elsewhere);
    after.run(17.7);  // what a load finds is overwritten
    after.load(archive);
    CHECK(after.now() == before.now());
    after.run(duration - after.now());
    check_same_spikes(whole, after);
    check_same_traces(whole, after);
    CHECK(whole.counters() == after.counters());
  }
}

TEST_CASE("what is summed within a step does not depend on threads or runtime") {
  // Weights whose sum depends on its order meet at one step of one neuron: from delayed and
  // zero-delay projections of two levels, from a device, and from twins of one source.
  Network network;
  for (const auto* name : {"first", "second", "third"}) {
    network.add(PopulationSpec{.name = name, .model = "parrot", .size = 6});
  }
  network.add(PopulationSpec{.name = "sum",
                             .model = "integrate_and_fire",
                             .size = 3,
                             .parameters = {.common = {{"V_th", 1e30}}, .per_neuron = {}}});
  std::vector<std::vector<double>> times(6), own(3);
  for (std::size_t i = 0; i < 6; ++i) times[i] = {1.0, 1.1, 1.2, 1.3, 2.0, 2.5};
  for (auto& list : own) list = {1.0, 1.1, 1.2, 1.3, 2.0, 2.5, 3.0, 3.5};
  network.add(StimulusSpec{
      .name = "start", .model = "spike_generator", .target = "first", .spike_times = times});
  network.add(StimulusSpec{.name = "push",
                           .model = "spike_generator",
                           .target = "sum",
                           .parameters = {{"weight", 0.1}},
                           .spike_times = own});
  const auto connect = [&](const char* source, const char* target, double delay,
                           ValueSourcePtr weight) {
    network.add(ProjectionSpec{.source = source,
                               .target = target,
                               .rule = connection_rule("all_to_all"),
                               .weight = std::move(weight),
                               .delay = constant_value(delay),
                               .port = {}});
  };
  // Projections from later populations come first, so that level and projection disagree.
  const auto weights = drawn("lognormal", {{"sigma", 3.0}});
  connect("third", "sum", 0.0, weights);
  connect("second", "sum", 0.0, weights);
  connect("first", "sum", 0.0, weights);
  connect("second", "sum", 1.0, weights);
  connect("first", "sum", 0.5, weights);
  connect("first", "sum", 1.0, weights);
  connect("first", "second", 0.0, constant_value(1.0));
  connect("second", "third", 0.0, constant_value(1.0));
  const std::vector<StateRecorderSpec> recorders{
      {.population = "sum", .variables = {"V_m"}, .interval = 0.1}};

  const auto trace = [&](const SimulationOptions& options) {
    Simulation simulation(network, options, recorders);
    simulation.run(5.0);
    return simulation.recording(0).values;
  };
  const auto expected = trace(clock_on(1));
  CHECK(expected[0].back() > 10.0);
  CHECK((trace(clock_on(2)) == expected));
  CHECK((trace(clock_on(3)) == expected));
  CHECK((trace(event_on_grid()) == trace(in_doubles(clock_on(1)))));
}
