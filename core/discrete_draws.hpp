#pragma once

/// How many of a number of things fall on one side: with repetition (binomial) or without
/// (hypergeometric). Small means by inversion, the others by the ratio of uniforms of Stadlober 1990,
/// J. Comput. Appl. Math. 31:181-189, whose cost does not grow with the numbers.

#include <cstdint>

#include "core/random.hpp"

namespace ranvier {

/// Successes among n independent trials of probability p, 0 <= p <= 1. n below 2^52.
std::uint64_t draw_binomial(Draws& draws, std::uint64_t n, double p);

/// Marked ones among `drawn` of `total` things, of which `marked` are marked; none is drawn twice.
/// `drawn` and `marked` are at most `total`, that below 2^52.
std::uint64_t draw_hypergeometric(Draws& draws, std::uint64_t total, std::uint64_t marked,
                                  std::uint64_t drawn);

}  // namespace ranvier
