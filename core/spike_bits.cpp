#include "core/spike_bits.hpp"

#include <algorithm>
#include <array>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace ranvier {
namespace {

template <class Real>
SpikeWord whole_word(const Real* values) {
  SpikeWord word;
  for (std::size_t k = 0; k < SpikeWord::size; ++k) {
    word.filled |= std::uint64_t{values[k] != Real(0)} << k;
    word.ones |= std::uint64_t{values[k] == Real(1)} << k;
  }
  return word;
}

template <class Real>
void write_word(std::uint64_t ones, Real* values) {
  for (std::size_t k = 0; k < SpikeWord::size; ++k) {
    values[k] = static_cast<Real>(ones >> k & 1);
  }
}

#if defined(__AVX2__)
/// GCC 12 turns the loops above into one value at a time.
template <>
SpikeWord whole_word(const float* values) {
  const auto mask = [](__m256 lanes) {
    return std::uint64_t{static_cast<unsigned>(_mm256_movemask_ps(lanes))};
  };
  SpikeWord word;
  for (std::size_t k = 0; k < SpikeWord::size; k += 8) {
    const __m256 eight = _mm256_loadu_ps(values + k);
    word.filled |= mask(_mm256_cmp_ps(eight, _mm256_setzero_ps(), _CMP_NEQ_UQ)) << k;
    word.ones |= mask(_mm256_cmp_ps(eight, _mm256_set1_ps(1.0F), _CMP_EQ_OQ)) << k;
  }
  return word;
}

template <>
void write_word(std::uint64_t ones, float* values) {
  const __m256i lane = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
  for (std::size_t k = 0; k < SpikeWord::size; k += 8) {
    const __m256i byte = _mm256_set1_epi32(static_cast<int>(ones >> k & 0xff));
    const __m256i is_one = _mm256_cmpeq_epi32(_mm256_and_si256(byte, lane), lane);
    _mm256_storeu_ps(values + k, _mm256_and_ps(_mm256_castsi256_ps(is_one), _mm256_set1_ps(1.0F)));
  }
}
#endif

}  // namespace

template <class Real>
SpikeWord spike_word(const Real* values, std::size_t count) {
  if (count == SpikeWord::size) return whole_word(values);
  std::array<Real, SpikeWord::size> padded{};
  std::copy_n(values, count, padded.begin());
  return whole_word(padded.data());
}

template <class Real>
bool SpikeBits::take(std::span<const Real> values) {
  size_ = 0;
  words_.clear();
  for (std::size_t first = 0; first < values.size(); first += SpikeWord::size) {
    const auto word =
        spike_word(values.data() + first, std::min(SpikeWord::size, values.size() - first));
    if (!word.is_spikes()) return false;
    words_.push_back(word.ones);
  }
  size_ = values.size();
  return true;
}

template <class Real>
void SpikeBits::write(std::span<Real> values) const {
  const std::size_t whole = size_ / SpikeWord::size * SpikeWord::size;
  for (std::size_t first = 0; first < whole; first += SpikeWord::size) {
    write_word(words_[first / SpikeWord::size], values.data() + first);
  }
  if (whole == size_) return;
  std::array<Real, SpikeWord::size> rest;
  write_word(words_.back(), rest.data());
  std::copy_n(rest.begin(), size_ - whole, values.begin() + static_cast<std::ptrdiff_t>(whole));
}

template SpikeWord spike_word(const float*, std::size_t);
template SpikeWord spike_word(const double*, std::size_t);
template bool SpikeBits::take(std::span<const float>);
template bool SpikeBits::take(std::span<const double>);
template void SpikeBits::write(std::span<float>) const;
template void SpikeBits::write(std::span<double>) const;

}  // namespace ranvier
