#pragma once

/// Counter-based random numbers. A draw is a pure function of (seed, purpose, owner, entity,
/// index): it does not matter which thread asks, in what order, or whether the run was restarted.
/// Generator: Philox4x32-10 (core/philox.hpp).

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

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
  dropout,
  feedback,
};

/// Two words as a number in (0, 1), 52 bits: the middle of one of 2^52 equal cells, so that neither 0
/// nor 1 comes out, and the normal quantile of it reaches to 8.2 standard deviations on both sides.
inline double unit_interval_of(std::uint32_t high, std::uint32_t low) {
  const std::uint64_t cell = (static_cast<std::uint64_t>(high) << 32 | low) >> 12;
  // The cell as the digits of a number in [1, 2): integers and doubles without a conversion.
  return std::bit_cast<double>(cell | 0x3ff0000000000000u) - (1.0 - 0x1p-53);
}

/// A number in 0 .. n-1, all equally likely, out of random words: Lemire 2019, ACM TOMACS 29:3. Words
/// that would make some outcomes likelier are passed over.
struct Below {
  explicit Below(std::uint32_t outcomes) : n(outcomes) {}

  bool accepts(std::uint32_t word) const {
    const auto low = static_cast<std::uint32_t>(static_cast<std::uint64_t>(word) * n);
    return low >= n || low >= (0u - n) % n;
  }
  std::uint32_t operator()(std::uint32_t word) const {
    return static_cast<std::uint32_t>(static_cast<std::uint64_t>(word) * n >> 32);
  }

  std::uint32_t n;
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

  /// In (0, 1): unit_interval_of two words.
  double uniform() {
    const auto high = bits();
    return unit_interval_of(high, bits());
  }

  double normal();       ///< mean 0, standard deviation 1: the quantile of a uniform()
  double exponential();  ///< mean 1
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
    return {key_, counter(entity, index)};
  }

  /// The first block of each of `lanes` entities from `first` on: `[w][k]` is the word w that
  /// at(first + k, index) draws.
  template <std::size_t lanes>
  PhiloxLanes<lanes> blocks(std::uint32_t first, std::uint64_t index) const {
    return lanes_of<lanes>([&](std::uint32_t k) { return counter(first + k, index); });
  }

  /// The blocks from `first` on of one place, each of four words that at(entity, index) draws.
  template <std::size_t lanes>
  PhiloxLanes<lanes> sequence(std::uint32_t entity, std::uint64_t index,
                              std::uint32_t first) const {
    return lanes_of<lanes>([&](std::uint32_t k) {
      auto block = counter(entity, index);
      block[2] += first + k;
      return block;
    });
  }

  /// The first uniform() of the place at(key >> 32, key & 0xffffffff) for each key, vectorised.
  void uniforms(std::span<const std::uint64_t> keys, std::span<double> out) const;

  /// The first normal() of the same places.
  void normals(std::span<const std::uint64_t> keys, std::span<double> out) const;

 private:
  PhiloxBlock counter(std::uint32_t entity, std::uint64_t index) const {
    return {static_cast<std::uint32_t>(index), entity,
            static_cast<std::uint32_t>(index >> 32) << 16, tag_};
  }

  /// The words of counter_of(0), counter_of(1), ...
  template <std::size_t lanes, class CounterOf>
  PhiloxLanes<lanes> lanes_of(const CounterOf& counter_of) const {
    PhiloxLanes<lanes> words;
    for (std::uint32_t k = 0; k < lanes; ++k) {
      const PhiloxBlock block = counter_of(k);
      for (std::size_t w = 0; w < block.size(); ++w) words[w][k] = block[w];
    }
    philox<lanes>(words, key_);
    return words;
  }

  PhiloxKey key_;
  std::uint32_t tag_;
};

}  // namespace ranvier
