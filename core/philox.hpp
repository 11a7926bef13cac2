#pragma once

/// The bijection Philox4x32-10 of Salmon et al. 2011, SC'11: four words of counter and two of key to
/// four random words. Written out here so that callers can inline it and work on many counters at
/// once; the known answers of Random123 test it.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace ranvier {

using PhiloxKey = std::array<std::uint32_t, 2>;
using PhiloxBlock = std::array<std::uint32_t, 4>;

/// `lanes` blocks as a structure of arrays: word w of lane k is `[w][k]`.
template <std::size_t lanes>
using PhiloxLanes = std::array<std::array<std::uint32_t, lanes>, 4>;

namespace philox_constants {

inline constexpr std::uint64_t m0 = 0xD2511F53, m1 = 0xCD9E8D57;
inline constexpr std::uint32_t weyl0 = 0x9E3779B9, weyl1 = 0xBB67AE85;
inline constexpr int rounds = 10;

}  // namespace philox_constants

/// The key of the next round.
inline void advance(PhiloxKey& key) {
  key[0] += philox_constants::weyl0;
  key[1] += philox_constants::weyl1;
}

/// Replaces counters by random words, lane after lane.
template <std::size_t lanes>
inline void philox_by_lanes(PhiloxLanes<lanes>& words, PhiloxKey key) {
  for (int round = 0; round < philox_constants::rounds; ++round) {
#pragma GCC unroll 1
    for (std::size_t k = 0; k < lanes; ++k) {
      const std::uint64_t p0 = philox_constants::m0 * words[0][k];
      const std::uint64_t p1 = philox_constants::m1 * words[2][k];
      words[0][k] = static_cast<std::uint32_t>(p1 >> 32) ^ words[1][k] ^ key[0];
      words[2][k] = static_cast<std::uint32_t>(p0 >> 32) ^ words[3][k] ^ key[1];
      words[1][k] = static_cast<std::uint32_t>(p1);
      words[3][k] = static_cast<std::uint32_t>(p0);
    }
    advance(key);
  }
}

#if defined(__AVX2__)

/// Vectors of counters. A word lies in the lower half of 64 bits, where a product of 32 by 32 bits
/// finds its factor and leaves its result, so that no round moves words between lanes; what the
/// upper halves hold besides is never read. GCC 12 splits and merges vectors around every product
/// of the loop above and takes twice as long.
#if defined(__AVX512F__)
inline constexpr std::size_t philox_vector_lanes = 8;
#else
inline constexpr std::size_t philox_vector_lanes = 4;
#endif

using PhiloxVector =
    std::uint64_t __attribute__((vector_size(philox_vector_lanes * sizeof(std::uint64_t))));
using PhiloxHalves =
    std::uint32_t __attribute__((vector_size(philox_vector_lanes * sizeof(std::uint32_t))));

/// Lane by lane the product of the lower halves.
[[gnu::always_inline]] inline PhiloxVector product_of_lower_halves(const PhiloxVector& a,
                                                                   const PhiloxVector& b) {
#if defined(__AVX512F__)
  return reinterpret_cast<PhiloxVector>(
      _mm512_mul_epu32(reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
#else
  return reinterpret_cast<PhiloxVector>(
      _mm256_mul_epu32(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b)));
#endif
}

/// Two vectors at once: a round is a chain of operations that wait for each other.
inline constexpr std::size_t philox_vectors_at_once = 2;

/// Replaces counters by random words in the lanes of `philox_vectors_at_once` vectors from `first`.
template <std::size_t lanes>
[[gnu::always_inline]] inline void philox_in_vectors(PhiloxLanes<lanes>& words, PhiloxKey key,
                                                     std::size_t first) {
  std::array<std::array<PhiloxVector, philox_vectors_at_once>, 4> x;
  for (std::size_t w = 0; w < 4; ++w) {
    for (std::size_t v = 0; v < philox_vectors_at_once; ++v) {
      PhiloxHalves halves;
      std::memcpy(&halves, words[w].data() + first + v * philox_vector_lanes, sizeof halves);
      x[w][v] = __builtin_convertvector(halves, PhiloxVector);
    }
  }
  for (int round = 0; round < philox_constants::rounds; ++round) {
    for (std::size_t v = 0; v < philox_vectors_at_once; ++v) {
      const auto p0 = product_of_lower_halves(x[0][v], PhiloxVector{} + philox_constants::m0);
      const auto p1 = product_of_lower_halves(x[2][v], PhiloxVector{} + philox_constants::m1);
      x[0][v] = (p1 >> 32) ^ x[1][v] ^ std::uint64_t{key[0]};
      x[2][v] = (p0 >> 32) ^ x[3][v] ^ std::uint64_t{key[1]};
      x[1][v] = p1;
      x[3][v] = p0;
    }
    advance(key);
  }
  for (std::size_t w = 0; w < 4; ++w) {
    for (std::size_t v = 0; v < philox_vectors_at_once; ++v) {
      const auto halves = __builtin_convertvector(x[w][v], PhiloxHalves);
      std::memcpy(words[w].data() + first + v * philox_vector_lanes, &halves, sizeof halves);
    }
  }
}

#endif

/// Replaces counters by random words: in vectors where the processor compiled for has them and the
/// lanes fill them, the same bits without.
template <std::size_t lanes>
inline void philox(PhiloxLanes<lanes>& words, PhiloxKey key) {
#if defined(__AVX2__)
  constexpr std::size_t at_once = philox_vectors_at_once * philox_vector_lanes;
  if constexpr (lanes % at_once == 0) {
    for (std::size_t first = 0; first < lanes; first += at_once) {
      philox_in_vectors(words, key, first);
    }
    return;
  }
#endif
  philox_by_lanes(words, key);
}

inline PhiloxBlock philox(const PhiloxBlock& counter, const PhiloxKey& key) {
  PhiloxLanes<1> words{{{counter[0]}, {counter[1]}, {counter[2]}, {counter[3]}}};
  philox<1>(words, key);
  return {words[0][0], words[1][0], words[2][0], words[3][0]};
}

}  // namespace ranvier
