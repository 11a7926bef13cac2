/// Sources of samples, and whether a network can be shown them.

#include "networks/examples.hpp"

#include <map>

#include "core/error.hpp"
#include "networks/sequential.hpp"
#include "tests/catch.hpp"
#include "tests/networks/listed_events.hpp"

namespace ranvier {
namespace {

using Catch::Matchers::Contains;
using test::ListedEvents;

SequentialDescription network_of(std::size_t inputs, const std::string& encoding) {
  SequentialDescription network;
  network.inputs = inputs;
  network.encoding.name = encoding;
  network.layers.resize(1);
  network.layers[0].size = 2;
  return network;
}

}  // namespace

TEST_CASE("arrays are flat samples unless they are given a shape") {
  const std::vector<float> inputs{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  const std::vector<std::uint8_t> labels{0, 1};
  const ArrayExamples flat(inputs, labels);
  CHECK(flat.shape() == Shape{.channels = 6});
  CHECK(describe(flat.shape()) == "6");
  const ArrayExamples image(inputs, labels, {.channels = 1, .height = 2, .width = 3});
  CHECK(describe(image.shape()) == "2 x 3");
  std::vector<float> second(6);
  image.values(1, 0, second);
  CHECK(second == std::vector<float>{7, 8, 9, 10, 11, 12});
  CHECK(image.label(1) == 1);
  CHECK(describe({.channels = 3, .height = 32, .width = 32}) == "3 x 32 x 32");
  CHECK(describe({.channels = 1, .height = 1, .width = 700}) == "700");
}

TEST_CASE("arrays that do not share out among the labels are refused") {
  const std::vector<float> inputs(7);
  const std::vector<std::uint8_t> labels(2);
  CHECK_THROWS_AS(ArrayExamples(inputs, labels), InvalidValue);
  CHECK_THROWS_WITH(ArrayExamples(inputs, labels, {.channels = 1, .height = 2, .width = 2}),
                    Contains("7 values for 2 samples; expected 4 for each"));
}

TEST_CASE("values and events are not mistaken for each other") {
  const std::vector<float> inputs(4);
  const std::vector<std::uint8_t> labels(2);
  const ArrayExamples values(inputs, labels);
  const ListedEvents events({.channels = 2}, {{{1.0, 0}}, {}});
  EventList list;
  std::vector<float> numbers(2);
  CHECK_THROWS_AS(values.events(0, 0, list), Unsupported);
  CHECK_THROWS_AS(events.values(0, 0, numbers), Unsupported);
  CHECK_NOTHROW(require_fit(values, network_of(2, "current"), "the set"));
  CHECK_NOTHROW(require_fit(events, network_of(2, "events"), "the set"));
  CHECK_THROWS_WITH(require_fit(events, network_of(2, "current"), "the set"),
                    Contains("the set holds events; expected encoding 'events', not 'current'"));
  CHECK_THROWS_WITH(require_fit(values, network_of(2, "events"), "the set"),
                    Contains("the set holds values"));
}

TEST_CASE("images of another size than the network's are refused with both sizes") {
  const std::vector<float> inputs(12);
  const std::vector<std::uint8_t> labels(1);
  const ArrayExamples image(inputs, labels, {.channels = 1, .height = 3, .width = 4});
  CHECK_THROWS_WITH(require_fit(image, network_of(64, "current"), "the test set"),
                    Contains("the test set has samples of 3 x 4 values; expected 64"));
}

TEST_CASE("a survey counts what a window leaves out and what is empty") {
  std::vector<ListedEvents::Sample> samples(130);
  samples[0] = {{0.0, 0}, {9.999, 1}, {10.0, 0}, {12.5, 1}};
  samples[65] = {{3.0, 1}};
  samples[129] = {{11.0, 0}};
  const ListedEvents events({.channels = 2}, samples);
  for (const int threads : {1, 3}) {
    const auto found = survey(events, 10.0, threads);
    CHECK(found.events == 6);
    CHECK(found.late == 3);
    CHECK(found.cut == 2);
    CHECK(found.empty == 127);
    CHECK(found.reordered == 0);
  }
}

TEST_CASE("events are sorted by time, those of one time in the order they had") {
  EventList events;
  for (const auto& [time, address] : {std::pair{2.0, 7U}, {1.0, 3U}, {2.0, 1U}, {1.0, 2U}}) {
    events.add(time, address);
  }
  events.sort();
  CHECK(events.times == std::vector<double>{1.0, 1.0, 2.0, 2.0});
  CHECK(events.addresses == std::vector<std::uint32_t>{3, 2, 7, 1});
  CHECK(events.reordered);
  events.clear();
  CHECK(events.size() == 0);
  CHECK_FALSE(events.reordered);
}

}  // namespace ranvier
