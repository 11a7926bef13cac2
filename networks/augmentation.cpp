#include "networks/augmentation.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/random.hpp"

namespace ranvier {
namespace {

/// Augmentation draws from the stream of shuffling, as an owner of its own.
constexpr std::uint32_t shifts = 1;
constexpr std::uint32_t jitters = 2;

Draws draws_of(const AugmentationDraw& draw, std::uint32_t owner) {
  return RandomStream(draw.seed, Purpose::shuffle, owner).at(draw.sample, draw.epoch);
}

bool moves(const Augmentation& augmentation) { return augmentation.crop > 0 || augmentation.flip; }

/// Takes out the events for which `keep` is false, after it has changed them.
template <class Keep>
void filter(EventList& events, const Keep& keep) {
  std::size_t kept = 0;
  for (std::size_t e = 0; e < events.size(); ++e) {
    auto address = events.addresses[e];
    if (!keep(address)) continue;
    events.times[kept] = events.times[e];
    events.addresses[kept] = address;
    ++kept;
  }
  events.times.resize(kept);
  events.addresses.resize(kept);
}

}  // namespace

void Augmentation::validate(const Examples& examples, std::string_view where) const {
  const auto shape = examples.shape();
  if (moves(*this) && shape.width == 1) {
    throw InvalidValue(fmt::format(
        "{} shifts or mirrors samples of {} values; expected neither, as they have no width", where,
        describe(shape)));
  }
  if (crop > 0 && static_cast<std::size_t>(crop) >= shape.width) {
    throw InvalidValue(fmt::format("{} has crop {}; expected less than {}, the width of a sample",
                                   where, crop, shape.width));
  }
  if (jitter > 0.0 && !examples.has_events()) {
    throw InvalidValue(fmt::format(
        "{} has jitter {} ms; expected 0, as these samples are not events", where, jitter));
  }
}

Placement placement_of(const Augmentation& augmentation, const AugmentationDraw& draw,
                       const Shape& shape) {
  auto draws = draws_of(draw, shifts);
  const auto outcomes = static_cast<std::uint32_t>(2 * augmentation.crop + 1);
  const auto shift = [&] {
    return static_cast<std::int64_t>(draws.below(outcomes)) - augmentation.crop;
  };
  const std::int64_t right = shift();
  const std::int64_t down = shift();
  const bool mirrored = draws.bits() < (1U << 31);
  return {.down = shape.height > 1 ? down : 0,
          .right = right,
          .mirrored = augmentation.flip && mirrored};
}

void augment(const Augmentation& augmentation, const AugmentationDraw& draw, const Shape& shape,
             std::span<float> values) {
  if (!moves(augmentation)) return;
  const auto place = placement_of(augmentation, draw, shape);
  const auto height = static_cast<std::int64_t>(shape.height);
  const auto width = static_cast<std::int64_t>(shape.width);
  const std::vector<float> original(values.begin(), values.end());
  std::size_t to = 0;
  for (std::size_t c = 0; c < shape.channels; ++c) {
    const auto plane = std::span(original).subspan(c * shape.height * shape.width);
    for (std::int64_t y = 0; y < height; ++y) {
      const std::int64_t from_y = y + place.down;
      for (std::int64_t x = 0; x < width; ++x) {
        const std::int64_t from_x = (place.mirrored ? width - 1 - x : x) + place.right;
        const bool inside = from_y >= 0 && from_y < height && from_x >= 0 && from_x < width;
        values[to++] = inside ? plane[static_cast<std::size_t>(from_y * width + from_x)] : 0.0F;
      }
    }
  }
}

void augment(const Augmentation& augmentation, const AugmentationDraw& draw, const Shape& shape,
             EventList& events) {
  if (moves(augmentation)) {
    const auto place = placement_of(augmentation, draw, shape);
    const auto height = static_cast<std::int64_t>(shape.height);
    const auto width = static_cast<std::int64_t>(shape.width);
    filter(events, [&](std::uint32_t& address) {
      const auto at = static_cast<std::int64_t>(address);
      const std::int64_t shifted = at % width - place.right;
      const std::int64_t x = place.mirrored ? width - 1 - shifted : shifted;
      const std::int64_t y = at / width % height - place.down;
      if (x < 0 || x >= width || y < 0 || y >= height) return false;
      address = static_cast<std::uint32_t>((at / (width * height) * height + y) * width + x);
      return true;
    });
  }
  if (augmentation.jitter == 0.0) return;
  auto draws = draws_of(draw, jitters);
  for (auto& time : events.times) {
    time = std::max(0.0, time + augmentation.jitter * draws.normal());
  }
  events.sort();
}

}  // namespace ranvier
