#pragma once

/// Random variants of training samples. What is drawn is a pure function of (seed, epoch, sample),
/// so training comes out the same for any number of threads and after any resume.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/parameter.hpp"
#include "networks/examples.hpp"

namespace ranvier {

struct Augmentation {
  std::int64_t crop = 0;
  bool flip = false;
  double jitter = 0.0;

  static std::vector<Field<Augmentation>> fields() {
    return {
        integer("crop", &Augmentation::crop, {.lower = 0.0, .upper = 1000.0},
                "pixels: the sample is padded by so many zeros on every side and cropped back at "
                "random; of events, those shifted over the edge are lost"),
        boolean("flip", &Augmentation::flip, "mirror left and right in half of the cases"),
        real("jitter", &Augmentation::jitter, "ms", non_negative,
             "standard deviation of a shift of each event's time; events only"),
    };
  }

  bool none() const noexcept { return crop == 0 && !flip && jitter == 0.0; }

  /// Throws InvalidValue, beginning with `where`, where the samples cannot be so changed: flat ones
  /// shifted or mirrored, a shift beyond their width, values jittered in time.
  void validate(const Examples& examples, std::string_view where) const;
};

/// Whose draws they are.
struct AugmentationDraw {
  std::uint64_t seed = 0;
  std::uint32_t epoch = 0;  ///< 1 and up
  std::uint32_t sample = 0;
};

/// Where one variant is taken from: sample(y, x) = original(y + down, mirrored x + right), zero
/// outside.
struct Placement {
  std::int64_t down = 0;
  std::int64_t right = 0;
  bool mirrored = false;
};

/// Each shift is uniform in -crop ... crop; rows are shifted only where there are several.
Placement placement_of(const Augmentation& augmentation, const AugmentationDraw& draw,
                       const Shape& shape);

/// Changes the values of one sample, [channels][height][width].
void augment(const Augmentation& augmentation, const AugmentationDraw& draw, const Shape& shape,
             std::span<float> values);

/// Changes the events of one sample and keeps them in order of time; times do not fall below 0.
void augment(const Augmentation& augmentation, const AugmentationDraw& draw, const Shape& shape,
             EventList& events);

}  // namespace ranvier
