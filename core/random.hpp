#pragma once

/// Counter-based random numbers. A draw is a pure function of (seed, purpose, owner, entity,
/// index): it does not matter which thread asks, in what order, or whether the run was restarted.
///
/// Generator: Philox4x32-10, Salmon et al. 2011, SC'11, from the Random123 library.

#include <array>
#include <cstdint>

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
  std::uint32_t bits();
  double uniform();                      ///< in (0, 1), 52 bits
  double normal();                       ///< mean 0, standard deviation 1 (Box-Muller)
  double exponential();                  ///< mean 1
  std::uint64_t poisson(double mean);    ///< mean >= 0
  std::uint32_t below(std::uint32_t n);  ///< uniform in 0 .. n-1

 private:
  friend class RandomStream;
  Draws(std::uint64_t seed, std::array<std::uint32_t, 4> counter);

  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;  ///< its third word's lower half counts blocks
  std::array<std::uint32_t, 4> block_{};
  unsigned used_ = 4;
};

/// All draws of one purpose. `owner` tells apart the projections, devices or layers that share it.
class RandomStream {
 public:
  RandomStream(std::uint64_t seed, Purpose purpose, std::uint32_t owner = 0)
      : seed_(seed), tag_(static_cast<std::uint32_t>(purpose) << 24 | (owner & 0xffffffu)) {}

  /// `index` counts to 2^48.
  Draws at(std::uint32_t entity, std::uint64_t index) const {
    return {seed_,
            {static_cast<std::uint32_t>(index), entity,
             static_cast<std::uint32_t>(index >> 32) << 16, tag_}};
  }

 private:
  std::uint64_t seed_;
  std::uint32_t tag_;
};

}  // namespace ranvier
