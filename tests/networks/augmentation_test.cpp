/// Random variants of training samples.

#include "networks/augmentation.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "core/error.hpp"
#include "networks/normalisation.hpp"
#include "tests/catch.hpp"
#include "tests/networks/listed_events.hpp"

namespace ranvier {
namespace {

using Catch::Matchers::Contains;

constexpr Shape image{.channels = 2, .height = 4, .width = 5};

/// Every value tells its place.
std::vector<float> numbered() {
  std::vector<float> values(image.size());
  std::iota(values.begin(), values.end(), 1.0F);
  return values;
}

std::vector<float> augmented(const Augmentation& augmentation, const AugmentationDraw& draw) {
  auto values = numbered();
  augment(augmentation, draw, image, values);
  return values;
}

/// An event at every address whose value is not zero.
EventList events_of(const std::vector<float>& values) {
  EventList events;
  for (std::uint32_t a = 0; a < values.size(); ++a) {
    if (values[a] != 0.0F) events.add(static_cast<double>(values[a]), a);
  }
  return events;
}

}  // namespace

TEST_CASE("a crop moves all channels alike and fills with zeros") {
  const Augmentation augmentation{.crop = 2};
  for (std::uint32_t sample = 0; sample < 40; ++sample) {
    const AugmentationDraw draw{.seed = 3, .epoch = 1, .sample = sample};
    const auto place = placement_of(augmentation, draw, image);
    REQUIRE(std::abs(place.right) <= 2);
    REQUIRE(std::abs(place.down) <= 2);
    const auto before = numbered(), after = augmented(augmentation, draw);
    for (std::int64_t y = 0; y < 4; ++y) {
      for (std::int64_t x = 0; x < 5; ++x) {
        const auto from_y = y + place.down, from_x = x + place.right;
        const bool inside = from_y >= 0 && from_y < 4 && from_x >= 0 && from_x < 5;
        for (std::int64_t c = 0; c < 2; ++c) {
          const auto at = static_cast<std::size_t>((c * 4 + y) * 5 + x);
          const auto from = static_cast<std::size_t>((c * 4 + from_y) * 5 + from_x);
          REQUIRE(after[at] == (inside ? before[from] : 0.0F));
        }
      }
    }
  }
}

TEST_CASE("a flip mirrors each row, and does so in half of the cases") {
  const Augmentation augmentation{.flip = true};
  int flipped = 0;
  for (std::uint32_t sample = 0; sample < 400; ++sample) {
    const auto after = augmented(augmentation, {.seed = 1, .epoch = 2, .sample = sample});
    if (after == numbered()) continue;
    ++flipped;
    auto mirrored = numbered();
    for (auto row = mirrored.begin(); row != mirrored.end(); row += 5) std::reverse(row, row + 5);
    REQUIRE(after == mirrored);
  }
  // Binomial, p = 1/2: five standard deviations are 50.
  CHECK(std::abs(flipped - 200) < 50);
}

TEST_CASE("every shift comes as often as any other") {
  const Augmentation augmentation{.crop = 1};
  std::map<std::pair<std::int64_t, std::int64_t>, int> counts;
  constexpr int trials = 4500;
  for (std::uint32_t sample = 0; sample < trials; ++sample) {
    const auto place = placement_of(augmentation, {.seed = 9, .epoch = 1, .sample = sample}, image);
    ++counts[{place.down, place.right}];
  }
  REQUIRE(counts.size() == 9);
  // Binomial with p = 1/9: five standard deviations are 105.
  for (const auto& [place, count] : counts) CHECK(std::abs(count - trials / 9) < 105);
}

TEST_CASE("a variant depends on the seed, the epoch and the sample, and on nothing else") {
  const Augmentation augmentation{.crop = 2, .flip = true};
  const AugmentationDraw draw{.seed = 5, .epoch = 3, .sample = 8};
  CHECK(augmented(augmentation, draw) == augmented(augmentation, draw));
  std::set<std::vector<float>> variants;
  for (std::uint32_t k = 0; k < 10; ++k) {
    variants.insert(augmented(augmentation, {.seed = 5 + k, .epoch = 3, .sample = 8}));
    variants.insert(augmented(augmentation, {.seed = 5, .epoch = 3 + k, .sample = 8}));
    variants.insert(augmented(augmentation, {.seed = 5, .epoch = 3, .sample = 8 + k}));
  }
  // 28 draws of 50 equally likely variants leave 21.6 different ones on average; 10 is far below.
  CHECK(variants.size() > 10);
}

TEST_CASE("events are moved as the values at their places are") {
  for (std::uint32_t sample = 0; sample < 40; ++sample) {
    const Augmentation augmentation{.crop = 2, .flip = true};
    const AugmentationDraw draw{.seed = 7, .epoch = 1, .sample = sample};
    auto events = events_of(numbered());
    augment(augmentation, draw, image, events);
    const auto expected = events_of(augmented(augmentation, draw));
    std::map<double, std::uint32_t> places, expected_places;
    for (std::size_t e = 0; e < events.size(); ++e) places[events.times[e]] = events.addresses[e];
    for (std::size_t e = 0; e < expected.size(); ++e) {
      expected_places[expected.times[e]] = expected.addresses[e];
    }
    REQUIRE(places == expected_places);
  }
}

TEST_CASE("channels in a row are shifted along it alone") {
  const Shape row{.channels = 1, .height = 1, .width = 20};
  const Augmentation augmentation{.crop = 3};
  for (std::uint32_t sample = 0; sample < 30; ++sample) {
    const auto place = placement_of(augmentation, {.seed = 1, .epoch = 1, .sample = sample}, row);
    CHECK(place.down == 0);
  }
}

TEST_CASE("jitter moves events in time by its deviation and keeps them in order") {
  EventList events;
  constexpr std::size_t count = 4000;
  for (std::size_t e = 0; e < count; ++e) events.add(100.0, static_cast<std::uint32_t>(e % 20));
  augment(Augmentation{.jitter = 2.0}, {.seed = 1, .epoch = 1, .sample = 0}, image, events);
  REQUIRE(events.size() == count);
  CHECK(std::ranges::is_sorted(events.times));
  double mean = 0.0, square = 0.0;
  for (const double t : events.times) mean += (t - 100.0) / count;
  for (const double t : events.times) square += (t - 100.0) * (t - 100.0) / count;
  CHECK(std::abs(mean) < 5.0 * 2.0 / std::sqrt(double{count}));
  // The variance of a variance of n normal numbers is 2 sigma^4 / n: 0.09 here.
  CHECK(std::abs(square - 4.0) < 5.0 * 4.0 * std::sqrt(2.0 / count));
}

TEST_CASE("an augmentation that the samples do not allow is refused") {
  const std::vector<float> inputs(20);
  const std::vector<std::uint8_t> labels(1);
  const ArrayExamples flat(inputs, labels);
  const ArrayExamples picture(inputs, labels, {.channels = 1, .height = 4, .width = 5});
  const test::ListedEvents events(image, {{{1.0, 0}}});
  const auto refused = [](const Augmentation& augmentation, const Examples& examples,
                          const std::string& reason) {
    CHECK_THROWS_AS(augmentation.validate(examples, "it"), InvalidValue);
    CHECK_THROWS_WITH(augmentation.validate(examples, "it"), Contains(reason));
  };
  refused({.crop = 1}, flat, "no width");
  refused({.flip = true}, flat, "no width");
  refused({.crop = 5}, picture, "less than 5");
  refused({.jitter = 1.0}, picture, "not events");
  CHECK_NOTHROW(Augmentation{}.validate(flat, "it"));
  CHECK_NOTHROW((Augmentation{.crop = 4, .flip = true, .jitter = 1.0}.validate(events, "it")));
}

TEST_CASE("values are normalised channel by channel") {
  std::vector<float> values{1, 2, 3, 4};
  normalise({.mean = {1.0, 2.0}, .deviation = {0.5, 4.0}}, values);
  CHECK(values == std::vector<float>{0.0F, 2.0F, 0.25F, 0.5F});
  normalise({.mean = {1.0}, .deviation = {}}, values);
  CHECK(values == std::vector<float>{-1.0F, 1.0F, -0.75F, -0.5F});
  auto same = values;
  normalise({}, same);
  CHECK(same == values);
}

TEST_CASE("a normalisation for other channels, or by nothing, is refused") {
  CHECK_THROWS_WITH((Normalisation{.mean = {1, 2, 3}, .deviation = {}}.validate(image, "it")),
                    Contains("has 3 numbers as mean; expected 1 or 2"));
  CHECK_THROWS_WITH((Normalisation{.mean = {}, .deviation = {0.0}}.validate(image, "it")),
                    Contains("deviation 0; expected a number greater than 0"));
  CHECK_THROWS_AS((Normalisation{.mean = {std::nan("")}, .deviation = {}}.validate(image, "it")),
                  InvalidValue);
}

}  // namespace ranvier
