#pragma once

/// The random words that belong to one neuron, many at a time.

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/random.hpp"

namespace ranvier {

/// The words of stream.at(neuron, 0) in another order: of each sixteen blocks first the first words,
/// then the second ones and so on, as lanes yield them.
class WordBlocks {
 public:
  static constexpr std::size_t lanes = 16;
  using Words = PhiloxLanes<lanes>;

  WordBlocks(const RandomStream& stream, std::uint32_t neuron) : stream_(stream), neuron_(neuron) {}

  /// The words of the next sixteen blocks.
  Words next() {
    const auto words = stream_.sequence<lanes>(neuron_, 0, first_);
    first_ += lanes;
    return words;
  }

 private:
  const RandomStream& stream_;
  std::uint32_t neuron_;
  std::uint32_t first_ = 0;
};

}  // namespace ranvier
