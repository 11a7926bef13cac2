/// What waits in the queue of the event runtime stays few, however long a run.

#include <algorithm>
#include <cstddef>

#include "core/runtime/event_runtime.hpp"
#include "networks/connection_rules.hpp"
#include "tests/catch.hpp"
#include "tests/core/small_networks.hpp"

using namespace ranvier;
using namespace ranvier::testing;

namespace {

constexpr std::size_t size = 40;
constexpr double longest_delay = 4.0;  // ms

/// Neurons on their way to a spike whose time every arrival changes.
Network restless_network(const std::string& model, double weight) {
  Network network;
  network.add(PopulationSpec{.name = "neuron",
                             .model = model,
                             .size = size,
                             .parameters = {.common = {{"I_e", 380.0}}, .per_neuron = {}}});
  network.add(StimulusSpec{.name = "noise",
                           .model = "poisson_generator",
                           .target = "neuron",
                           .parameters = {{"rate", 2000.0}, {"weight", weight}}});
  network.add(
      ProjectionSpec{.source = "neuron",
                     .target = "neuron",
                     .rule = connection_rule("fixed_indegree", {{"indegree", std::int64_t{10}}}),
                     .weight = constant_value(-weight),
                     .delay = drawn("uniform", {{"low", 0.1}, {"high", longest_delay}}),
                     .port = {}});
  return network;
}

}  // namespace

TEST_CASE("outdated predictions leave the queue before they outnumber the neurons") {
  const bool on_grid = GENERATE(false, true);
  const auto [model, weight] =
      GENERATE(table<std::string, double>({{"iaf_psc_delta", 0.05}, {"iaf_psc_exp", 10.0}}));
  CAPTURE(model, on_grid);
  const auto network = restless_network(model, weight);
  EventRuntime runtime(network, {.runtime = "event", .on_grid = on_grid, .seed = 3},
                       {.spikes = {true}, .states = {}});
  std::size_t most = 0;
  for (double end = 1.0; end <= 300.0; end += 1.0) {
    runtime.run_until(end, {});
    const auto times = runtime.spikes(0).times;
    const auto under_way = static_cast<std::size_t>(std::ranges::count_if(
        times, [&](double time) { return time >= end - longest_delay - 1e-9; }));
    // One next arrival of the noise a neuron, and two predictions.
    REQUIRE(runtime.pending() <= 3 * size + under_way);
    most = std::max(most, runtime.pending());
  }
  CHECK(runtime.spike_count(0) > size);
  CHECK(runtime.counters().touches > 1000 * size / 2);
  CHECK(most > size);
}

TEST_CASE("a neuron that cannot fire never waits in the queue") {
  // Arrivals of 50 pA lift iaf_psc_exp by less than a millivolt together.
  Network network;
  network.add(PopulationSpec{.name = "neuron", .model = "iaf_psc_exp", .size = size});
  network.add(StimulusSpec{.name = "noise",
                           .model = "poisson_generator",
                           .target = "neuron",
                           .parameters = {{"rate", 200.0}, {"weight", 50.0}}});
  EventRuntime runtime(network, {.runtime = "event", .seed = 3}, {.spikes = {true}, .states = {}});
  for (double end = 1.0; end <= 200.0; end += 1.0) {
    runtime.run_until(end, {});
    REQUIRE(runtime.pending() == size);  // the next arrivals of the noise, nothing else
  }
}
