#pragma once

/// The neurons of a population that a batch touches: a bit for each, and a bit for each word of
/// bits, so that marking never branches and reading in order never sorts. Marks that crowd in
/// a narrow range go to a byte for each: they fall on the same words again and again, and setting a
/// bit would wait for the one before it.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "core/population.hpp"

namespace ranvier {

class TouchedSet {
 public:
  explicit TouchedSet(std::size_t neurons = 0)
      : bits_(words_for(neurons), 0),
        bytes_(bits_.size() * word_bits, 0),
        filled_(words_for(bits_.size()), 0) {}

  void mark(NeuronId i) {
    const auto word = i / word_bits;
    bits_[word] |= std::uint64_t{1} << (i % word_bits);
    const auto summary = word / word_bits;
    filled_[summary] |= std::uint64_t{1} << (word % word_bits);
    widen(summary, summary);
  }

  /// Marks a neuron of a range that `cover` was called for.
  void mark_within(NeuronId i) { bits_[i / word_bits] |= std::uint64_t{1} << (i % word_bits); }

  /// Prepares for many marks in [first, last]: reading them will look at all of the range.
  void cover(NeuronId first, NeuronId last) {
    const auto begin = first / word_bits, end = last / word_bits;
    set_range(filled_, begin, end);
    widen(begin / word_bits, end / word_bits);
  }

  /// Marks `count` neighbours.
  void mark_run(NeuronId first, NeuronId count) {
    const NeuronId last = first + count - 1;
    cover(first, last);
    set_range(bits_, first, last);
  }

  /// As `cover` for marks that crowd. Returns the neurons' bytes, of which a one is a mark.
  std::uint8_t* crowd(NeuronId first, NeuronId last) {
    cover(first, last);
    has_bytes_ = true;
    return bytes_.data();
  }

  /// Whether so many marks over a range are dense enough for `cover`: then it costs less to look at
  /// words without a mark than to keep track of those that have one.
  static bool is_dense(std::uint64_t marks, NeuronId range) { return marks * 256 >= range; }
  /// And for `crowd`: several to a word, which would have to wait for each other.
  static bool is_crowded(std::uint64_t marks, NeuronId range) { return marks * 32 >= range; }

  /// Unmarks the marked neurons and returns them in ascending order; they lie in `space`.
  std::span<const NeuronId> take(std::vector<NeuronId>& space) {
    const std::size_t needed = bits_.size() * word_bits + 2;  // two may be written in vain
    if (space.size() < needed) space.resize(needed);
    NeuronId* end = space.data();
    for (auto summary = first_; summary <= last_; ++summary) {
      for_bits(filled_[summary], [&](NeuronId bit) {
        const auto word = summary * word_bits + bit;
        auto marks = std::exchange(bits_[word], 0);
        if (has_bytes_) marks |= take_bytes(word);
        end = list_bits(marks, word * word_bits, end);
      });
      filled_[summary] = 0;
    }
    first_ = none;
    last_ = 0;
    has_bytes_ = false;
    return {space.data(), end};
  }

  bool empty() const { return first_ == none; }

  /// Bytes that a set over so many neurons takes.
  static double bytes_of(double neurons) { return neurons * (1.0 + 1.0 / 8.0); }

 private:
  void widen(NeuronId first, NeuronId last) {
    first_ = std::min(first_, first);
    last_ = std::max(last_, last);
  }

  /// Sets the bits [first, last].
  static void set_range(std::vector<std::uint64_t>& words, NeuronId first, NeuronId last) {
    const auto begin = first / word_bits, end = last / word_bits;
    const auto from_first = ~std::uint64_t{0} << (first % word_bits);
    const auto to_last = ~std::uint64_t{0} >> (word_bits - 1 - last % word_bits);
    if (begin == end) {
      words[begin] |= from_first & to_last;
      return;
    }
    words[begin] |= from_first;
    for (auto word = begin + 1; word < end; ++word) words[word] = ~std::uint64_t{0};
    words[end] |= to_last;
  }

  static constexpr NeuronId word_bits = 64;
  static constexpr NeuronId none = ~NeuronId{0};

  static std::size_t words_for(std::size_t bits) { return (bits + word_bits - 1) / word_bits; }

  /// The marks of a word among the bytes, which it sets to zero.
  std::uint64_t take_bytes(std::size_t word) {
    constexpr std::uint64_t gather = 0x0102040810204080;  // bit 8 k goes to bit 56 + k
    auto* const bytes = bytes_.data() + word * word_bits;
    std::uint64_t marks = 0;
    for (std::size_t k = 0; k < word_bits; k += 8) {
      std::uint64_t eight;
      std::memcpy(&eight, bytes + k, sizeof eight);
      marks |= (eight * gather >> 56) << k;
    }
    std::memset(bytes, 0, word_bits);
    return marks;
  }

  template <class Use>
  static void for_bits(std::uint64_t word, Use&& use) {
    for (; word != 0; word &= word - 1) use(static_cast<NeuronId>(std::countr_zero(word)));
  }

  /// Writes the places of the bits of `word`, from `first` on; returns the end. Marks are thin as a
  /// rule: two are written whether they are there or not, so that no branch depends on them.
  static NeuronId* list_bits(std::uint64_t word, NeuronId first, NeuronId* out) {
    const auto count = std::popcount(word);
    if (count >= 32) return list_runs(word, first, out);
    const std::uint64_t rest = word & (word - 1);
    out[0] = first + static_cast<NeuronId>(std::countr_zero(word));
    out[1] = first + static_cast<NeuronId>(std::countr_zero(rest));
    if (count <= 2) return out + count;
    out += 2;
    for_bits(rest & (rest - 1), [&](NeuronId low) { *out++ = first + low; });
    return out;
  }

  /// The same where bits crowd, as marks that come in runs do.
  static NeuronId* list_runs(std::uint64_t word, NeuronId first, NeuronId* out) {
    while (word != 0) {
      const auto low = std::countr_zero(word);
      const auto length = static_cast<NeuronId>(std::countr_one(word >> low));
      for (NeuronId k = 0; k < length; ++k) out[k] = first + static_cast<NeuronId>(low) + k;
      out += length;
      word &= length == word_bits ? 0 : ~(~(~std::uint64_t{0} << length) << low);
    }
    return out;
  }

  std::vector<std::uint64_t> bits_;
  std::vector<std::uint8_t> bytes_;
  bool has_bytes_ = false;
  std::vector<std::uint64_t> filled_;  ///< whether a word may have a mark
  NeuronId first_ = none, last_ = 0;   ///< words of `filled_` in use
};

}  // namespace ranvier
