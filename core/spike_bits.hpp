#pragma once

/// Activity that is all zeros and ones, as a bit for each value: what is kept of spikes from the way
/// forward to the way back.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ranvier {

/// Of 64 values a bit for each: whether it is not zero, and whether it is one.
struct SpikeWord {
  static constexpr std::size_t size = 64;

  std::uint64_t filled = 0, ones = 0;

  bool is_spikes() const noexcept { return filled == ones; }
};

/// The first `count`, at most 64, of `values`.
template <class Real>
SpikeWord spike_word(const Real* values, std::size_t count);

class SpikeBits {
 public:
  /// Takes the values. Returns whether all are 0 or 1; if not, there are none in here.
  template <class Real>
  bool take(std::span<const Real> values);

  /// Writes as many values as were taken.
  template <class Real>
  void write(std::span<Real> values) const;

  void clear() { size_ = 0; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

 private:
  std::vector<std::uint64_t> words_;  ///< grows only
  std::size_t size_ = 0;
};

}  // namespace ranvier
