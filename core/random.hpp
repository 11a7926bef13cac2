#pragma once

/// Counter-based random numbers. A draw is a pure function of (seed, purpose, owner, entity,
/// index): it does not matter which thread asks, in what order, or whether the run was restarted.
/// Generator: Philox4x32-10 (core/philox.hpp).

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/philox.hpp"

namespace ranvier {

/// What a draw is for. Streams of different purposes are independent.
enum class Purpose : std::uint32_t {
  connectivity = 1,
  weight,
  delay,
  initial_state,
  stimulus,
  initial_weights,
  encoding,
  shuffle,
  split,
};

/// The sequence of numbers at one place of a stream.
class Draws {
 public:
  std::uint32_t bits() {
    if (used_ == 4) {
      block_ = philox(counter_, key_);
      ++counter_[2];
      used_ = 0;
    }
    return block_[used_++];
  }

  /// In (0, 1), 52 bits: the middle of one of 2^52 equal cells, so that neither 0 nor 1 comes out.
  double uniform() {
    const std::uint64_t high = bits();
    const std::uint64_t low = bits();
    constexpr double scale = 1.0 / 4503599627370496.0;  // 2^-52
    return (static_cast<double>((high << 32 | low) >> 12) + 0.5) * scale;
  }

  double normal();                       ///< mean 0, standard deviation 1 (Box-Muller)
  double exponential();                  ///< mean 1
  std::uint64_t poisson(double mean);    ///< mean >= 0
  std::uint32_t below(std::uint32_t n);  ///< uniform in 0 .. n-1

 private:
  friend class RandomStream;
  Draws(const PhiloxKey& key, const PhiloxBlock& counter) : key_(key), counter_(counter) {}

  PhiloxKey key_;
  PhiloxBlock counter_;  ///< its third word's lower half counts blocks
  PhiloxBlock block_{};
  unsigned used_ = 4;
};

/// All draws of one purpose. `owner` tells apart the projections, devices or layers that share it.
class RandomStream {
 public:
  RandomStream(std::uint64_t seed, Purpose purpose, std::uint32_t owner = 0)
      : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
        tag_(static_cast<std::uint32_t>(purpose) << 24 | (owner & 0xffffffu)) {}

  /// `index` counts to 2^48.
  Draws at(std::uint32_t entity, std::uint64_t index) const {
    return {key_,
            {static_cast<std::uint32_t>(index), entity,
             static_cast<std::uint32_t>(index >> 32) << 16, tag_}};
  }

  /// The first block of each of `lanes` entities from `first` on: `[w][k]` is the word w that
  /// at(first + k, index) draws.
  template <std::size_t lanes>
  PhiloxLanes<lanes> blocks(std::uint32_t first, std::uint64_t index) const {
    PhiloxLanes<lanes> words;
    for (std::size_t k = 0; k < lanes; ++k) {
      words[0][k] = static_cast<std::uint32_t>(index);
      words[1][k] = first + static_cast<std::uint32_t>(k);
      words[2][k] = static_cast<std::uint32_t>(index >> 32) << 16;
      words[3][k] = tag_;
    }
    philox<lanes>(words, key_);
    return words;
  }

 private:
  PhiloxKey key_;
  std::uint32_t tag_;
};

}  // namespace ranvier
