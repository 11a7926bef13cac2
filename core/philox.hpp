#pragma once

/// The bijection Philox4x32-10 of Salmon et al. 2011, SC'11: four words of counter and two of key to
/// four random words. Written out here so that callers can inline it and work on many counters at
/// once; the known answers of Random123 test it.

#include <array>
#include <cstddef>
#include <cstdint>

namespace ranvier {

using PhiloxKey = std::array<std::uint32_t, 2>;
using PhiloxBlock = std::array<std::uint32_t, 4>;

/// `lanes` blocks as a structure of arrays: word w of lane k is `[w][k]`.
template <std::size_t lanes>
using PhiloxLanes = std::array<std::array<std::uint32_t, lanes>, 4>;

/// Replaces counters by random words. The loop over lanes is what the compiler vectorises.
template <std::size_t lanes>
inline void philox(PhiloxLanes<lanes>& words, PhiloxKey key) {
  constexpr std::uint64_t m0 = 0xD2511F53, m1 = 0xCD9E8D57;
  constexpr std::uint32_t weyl0 = 0x9E3779B9, weyl1 = 0xBB67AE85;
  constexpr int rounds = 10;
  for (int round = 0; round < rounds; ++round) {
#pragma GCC unroll 1
    for (std::size_t k = 0; k < lanes; ++k) {
      const std::uint64_t p0 = m0 * words[0][k];
      const std::uint64_t p1 = m1 * words[2][k];
      words[0][k] = static_cast<std::uint32_t>(p1 >> 32) ^ words[1][k] ^ key[0];
      words[2][k] = static_cast<std::uint32_t>(p0 >> 32) ^ words[3][k] ^ key[1];
      words[1][k] = static_cast<std::uint32_t>(p1);
      words[3][k] = static_cast<std::uint32_t>(p0);
    }
    key[0] += weyl0;
    key[1] += weyl1;
  }
}

inline PhiloxBlock philox(const PhiloxBlock& counter, const PhiloxKey& key) {
  PhiloxLanes<1> words{{{counter[0]}, {counter[1]}, {counter[2]}, {counter[3]}}};
  philox<1>(words, key);
  return {words[0][0], words[1][0], words[2][0], words[3][0]};
}

}  // namespace ranvier
