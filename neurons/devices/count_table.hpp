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

  /// Counts of numbers, and whether any of them is undecided.
  template <std::size_t numbers>
  struct Counts {
    std::array<std::int32_t, numbers> count;
    bool undecided;
  };

  /// `words`: any array of numbers of 32 bits, as many as fill vectors.
  template <class Words, std::size_t numbers = sizeof(Words) / sizeof(std::uint32_t)>
  Counts<numbers> search(const Words& words) const {
    constexpr std::size_t vectors = sizeof words / sizeof(Vector);
    static_assert(sizeof words == vectors * sizeof(Vector));
    std::array<Vector, vectors> number, below{};
    std::memcpy(&number, &words, sizeof number);
    Vector equal{};
    for (const auto entry : upper_) {
      Vector above{};
      for (std::size_t v = 0; v < vectors; ++v) {
        // True is all ones, that is -1.
        const auto larger = static_cast<Vector>(number[v] > entry);
        below[v] -= larger;
        above |= larger;
        equal |= static_cast<Vector>(number[v] == entry);
      }
      // Entries ascend, so none of the others can reach any of these numbers.
      if (!any(above)) break;
    }
    Counts<numbers> counts;
    std::memcpy(&counts.count, &below, sizeof below);
    counts.undecided = any(equal);
    return counts;
  }

 private:
  static constexpr std::uint32_t all_ones = 0xffffffffu;

  /// As long as the processor compares at once: GCC 12 compares longer ones number by number.
#if defined(__AVX512F__)
  static constexpr std::size_t vector_lanes = 16;
#elif defined(__AVX2__)
  static constexpr std::size_t vector_lanes = 8;
#else
  static constexpr std::size_t vector_lanes = 4;
#endif
  using Vector = std::uint32_t __attribute__((vector_size(vector_lanes * sizeof(std::uint32_t))));

  static bool any(const Vector& flags) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < vector_lanes; ++i) sum |= flags[i];
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
