#include "core/normal.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "core/lane_math.hpp"

namespace ranvier {
namespace {

/// sqrt(-ln p) of the nearer end of (0, 1).
[[gnu::always_inline]] inline double depth(double p) {
  return std::sqrt(-lane_log(p < 0.5 ? p : 1.0 - p));
}

[[gnu::always_inline]] inline double signed_like(double size, double p) {
  return std::copysign(size, p - 0.5);
}

/// At most so many quantiles at a time, so that the tails among them fit on the stack.
constexpr std::size_t block = 256;

/// The sizes of `count` tails, and whether some of them are far: those are wrong.
bool near_tails(const double* tails, std::size_t count, double* sizes) {
  std::uint64_t far = 0;
  for (std::size_t k = 0; k < count; ++k) {
    const double r = depth(tails[k]);
    far += r > ppnd16::far_split ? 1u : 0u;
    sizes[k] = ppnd16::tail(r);
  }
  return far > 0;
}

void far_tails(const double* tails, std::size_t count, double* sizes) {
  for (std::size_t k = 0; k < count; ++k) {
    const double r = depth(tails[k]);
    if (r > ppnd16::far_split) sizes[k] = ppnd16::far_tail(r);
  }
}

/// The tails are put side by side before they are computed: they are 15% of all, scattered.
void block_of_quantiles(std::span<double> p) {
  std::array<double, block> tails, sizes;
  std::array<std::uint16_t, block> places;
  std::size_t count = 0;
  for (std::size_t k = 0; k < p.size(); ++k) {
    tails[count] = p[k];
    places[count] = static_cast<std::uint16_t>(k);
    count += std::abs(p[k] - 0.5) > ppnd16::split ? 1 : 0;
  }
  for (double& x : p) x = ppnd16::central(x - 0.5);

  // Far tails come once in 4e10 draws.
  if (near_tails(tails.data(), count, sizes.data())) far_tails(tails.data(), count, sizes.data());
  for (std::size_t k = 0; k < count; ++k) p[places[k]] = signed_like(sizes[k], tails[k]);
}

}  // namespace

double normal_quantile(double p) {
  const double q = p - 0.5;
  if (std::abs(q) <= ppnd16::split) return ppnd16::central(q);
  const double r = depth(p);
  return signed_like(r <= ppnd16::far_split ? ppnd16::tail(r) : ppnd16::far_tail(r), p);
}

void normal_quantiles(std::span<double> p) {
  for (std::size_t first = 0; first < p.size(); first += block) {
    block_of_quantiles(p.subspan(first, std::min(block, p.size() - first)));
  }
}

}  // namespace ranvier
