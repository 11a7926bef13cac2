/// Samples of events as the spikes of a network.

#include <algorithm>
#include <numeric>

#include "core/error.hpp"
#include "core/random.hpp"
#include "networks/encoding.hpp"
#include "networks/inference.hpp"
#include "networks/trainer.hpp"
#include "tests/catch.hpp"
#include "tests/networks/listed_events.hpp"

namespace ranvier {
namespace {

using test::ListedEvents;

/// [T][B][D] of samples of `width` addresses.
std::vector<double> encoded(const std::string& bins, const std::vector<EventList>& samples,
                            std::size_t width, std::size_t steps, double step) {
  const auto encoding = encodings().at("events").make<double>({{"bins", bins}});
  std::vector<std::uint32_t> indices(samples.size());
  const std::vector<double> values(samples.size() * width);
  std::vector<double> activity(steps * values.size(), -1.0);
  encoding->encode(values, {.steps = steps, .step = step, .samples = indices, .events = samples},
                   false, activity);
  return activity;
}

EventList list_of(const ListedEvents::Sample& sample) {
  EventList events;
  for (const auto& [time, address] : sample) events.add(time, address);
  return events;
}

constexpr std::size_t width = 12;
constexpr std::size_t classes = 3;

/// Class c is active in channels 4 c to 4 c + 3, some events in the window of 20 ms.
ListedEvents bursts(std::size_t count, std::uint64_t seed) {
  std::vector<ListedEvents::Sample> samples;
  const RandomStream stream(seed, Purpose::stimulus);
  for (std::uint32_t i = 0; i < count; ++i) {
    auto draws = stream.at(i, 0);
    ListedEvents::Sample sample;
    for (int e = 0; e < 30; ++e) {
      const auto channel = static_cast<std::uint32_t>(4 * (i % classes) + draws.below(4));
      const bool stray = draws.uniform() < 0.2;
      sample.emplace_back(22.0 * draws.uniform(), stray ? draws.below(width) : channel);
    }
    std::ranges::sort(sample);
    samples.push_back(std::move(sample));
  }
  return {{.channels = 1, .height = 1, .width = width}, std::move(samples), classes};
}

SequentialDescription event_network(const std::string& bins) {
  SequentialDescription network;
  network.inputs = width;
  network.steps = 20;
  network.encoding = {"events", {{"bins", bins}}};
  network.layers.resize(2);
  network.layers[0].name = "hidden";
  network.layers[0].size = 16;
  network.layers[1].name = "output";
  network.layers[1].size = classes;
  network.layers[1].model = "leaky_integrator";
  network.loss = {"last_membrane", {}};
  return network;
}

Sequential<float> trained_on_bursts(const std::string& bins, const Examples& train) {
  Sequential<float> network(event_network(bins), 5);
  TrainingDescription training;
  training.parameters = {.epochs = 8, .batch_size = 16, .chunk_size = 8};
  training.optimiser.parameters = {{"learning_rate", 0.01}};
  TrainingState state;
  REQUIRE(fit(network, train, ArrayExamples{}, training, 2, state));
  return network;
}

}  // namespace

TEST_CASE("an event is a spike of the step that its time falls into") {
  const auto events = list_of({{0.0, 2}, {0.49, 0}, {0.5, 0}, {1.49, 1}, {1.5, 1}, {9.0, 0}});
  const auto activity = encoded("binary", {events}, 3, 3, 0.5);
  CHECK(activity == std::vector<double>{1, 0, 1, 1, 0, 0, 0, 1, 0});
}

TEST_CASE("several events of an address in a step are one spike or are counted") {
  const auto events = list_of({{0.1, 0}, {0.2, 0}, {0.9, 0}, {1.0, 1}});
  CHECK(encoded("binary", {events}, 2, 2, 1.0) == std::vector<double>{1, 0, 0, 1});
  CHECK(encoded("counts", {events}, 2, 2, 1.0) == std::vector<double>{3, 0, 0, 1});
}

TEST_CASE("samples of a chunk keep to their own rows") {
  const auto activity = encoded("binary", {list_of({{1.0, 0}}), list_of({{0.0, 1}})}, 2, 2, 1.0);
  // [T][B][D]
  CHECK(activity == std::vector<double>{0, 0, 0, 1, 1, 0, 0, 0});
}

TEST_CASE("a network learns from events, the same for any number of threads") {
  const auto train = bursts(120, 1);
  const auto network = trained_on_bursts("binary", train);
  CHECK(evaluate(network, bursts(90, 2), 1).accuracy > 0.9);
  TrainingDescription training;
  training.parameters = {.epochs = 2, .batch_size = 16, .chunk_size = 4};
  std::vector<float> alone;
  for (const int threads : {1, 3}) {
    Sequential<float> fresh(event_network("counts"), 5);
    TrainingState state;
    REQUIRE(fit(fresh, train, ArrayExamples{}, training, threads, state));
    if (threads == 1) alone = state.weights;
    CHECK(state.weights == alone);
  }
}

TEST_CASE("clock and event answer to events as the gradient runtime does") {
  const auto test = bursts(30, 3);
  const auto network = trained_on_bursts("binary", bursts(60, 1));
  const auto expected = scores_over_time(network, test, 1);
  for (const std::string runtime : {"clock", "event"}) {
    CAPTURE(runtime);
    const auto trace = Inference(trained(network), {.runtime = runtime}).record_trace(test);
    double worst = 0.0;
    for (std::size_t k = 0; k < expected.size(); ++k) {
      worst = std::max(worst, std::abs(trace.scores[k] - expected[k]));
    }
    // Weights of order one summed over 20 steps, in float there and in double here.
    CHECK(worst < 1e-4);
  }
}

TEST_CASE("a network that counts the events of a step is not deployed") {
  const Sequential<float> network(event_network("counts"), 5);
  CHECK_THROWS_AS(Inference(trained(network)).record_trace(bursts(3, 1)), Unsupported);
  CHECK_THROWS_WITH(Inference(trained(network)).record_trace(bursts(3, 1)),
                    Catch::Matchers::Contains("expected 'bins: binary'"));
}

}  // namespace ranvier
