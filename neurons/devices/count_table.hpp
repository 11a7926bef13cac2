#pragma once

/// A Poisson distribution ready for inversion: P(N <= k) in units of 2^-64, searched with the upper
/// half of a random number of 64 bits. Only where that half equals the upper half of an entry, for
/// one number in 2^32 and entry, the lower half decides; so counts have the distribution to 2^-53 at
/// the price of one word each. The count is that of the entries at or below the number.

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace ranvier {

class CountTable {
 public:
  /// Above this mean a search through the distribution takes longer than rejection.
  static constexpr double largest_mean = 32.0;

  CountTable() = default;

  explicit CountTable(double mean) {
    double p = 1.0 / exponential_of(mean);
    double sum = p;
    for (int k = 1; sum < 1.0 && (k <= mean || p > 1e-17); ++k) {
      const auto entry = static_cast<std::uint64_t>(std::ldexp(sum, 64));
      entries_.push_back(entry);
      // Numbers that begin with 32 ones are all looked at twice, so one entry stands for all there.
      if (upper_.empty() || upper_.back() != all_ones) upper_.push_back(upper_half(entry));
      p *= mean / k;
      sum += p;
    }
  }

  /// Whether the lower half of a number is needed.
  bool is_undecided(std::uint32_t upper) const {
    bool undecided = false;
    for (const auto entry : upper_) undecided |= entry == upper;
    return undecided;
  }

  /// The count of a number whose upper half decides.
  std::uint64_t count(std::uint32_t upper) const {
    std::uint64_t k = 0;
    while (k < upper_.size() && upper > upper_[k]) ++k;
    return k;
  }

  std::uint64_t count(std::uint32_t upper, std::uint32_t lower) const {
    const auto number = static_cast<std::uint64_t>(upper) << 32 | lower;
    std::uint64_t k = 0;
    while (k < entries_.size() && number >= entries_[k]) ++k;
    return k;
  }

  /// Sixteen numbers; GCC and clang turn operations on them into what the processor has.
  static constexpr std::size_t width = 16;
  using Numbers = std::uint32_t __attribute__((vector_size(width * sizeof(std::uint32_t))));

  /// Counts of so many times sixteen numbers, and whether any of them is undecided.
  template <std::size_t vectors>
  struct Counts {
    std::array<Numbers, vectors> count;
    bool undecided;
  };

  /// `words`: any array of a multiple of sixteen 32-bit numbers.
  template <class Words, std::size_t vectors = sizeof(Words) / sizeof(Numbers)>
  Counts<vectors> search(const Words& words) const {
    static_assert(sizeof words == vectors * sizeof(Numbers));
    std::array<Numbers, vectors> number, below{};
    std::memcpy(&number, &words, sizeof number);
    Numbers equal{};
    for (const auto entry : upper_) {
      Numbers above{};
      for (std::size_t v = 0; v < vectors; ++v) {
        // True is all ones, that is -1.
        const auto larger = static_cast<Numbers>(number[v] > entry);
        below[v] -= larger;
        above |= larger;
        equal |= static_cast<Numbers>(number[v] == entry);
      }
      // Entries ascend, so none of the others can reach any of these numbers.
      if (!any(above)) break;
    }
    return {below, any(equal)};
  }

 private:
  static constexpr std::uint32_t all_ones = 0xffffffffu;

  static bool any(const Numbers& flags) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < width; ++i) sum |= flags[i];
    return sum != 0;
  }

  static std::uint32_t upper_half(std::uint64_t entry) {
    return static_cast<std::uint32_t>(entry >> 32);
  }

  /// The series of e^x, x >= 0: additions, products and quotients round alike on every processor,
  /// the library's exp does not.
  static double exponential_of(double x) {
    double term = 1.0, sum = 1.0;
    for (int k = 1; term > sum * 1e-18; ++k) {
      term *= x / k;
      sum += term;
    }
    return sum;
  }

  std::vector<std::uint64_t> entries_;
  std::vector<std::uint32_t> upper_;
};

}  // namespace ranvier
