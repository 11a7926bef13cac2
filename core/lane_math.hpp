#pragma once

/// Logarithm, exponential and the normal quantile as plain arithmetic on doubles: inlined into a loop
/// over lanes they vectorise, which calls of the C library do not, and one lane gives the same bits
/// as many, with any C library. That holds where products and sums are not contracted, as this
/// library is compiled. They must be inlined for that, whatever their number of callers.

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace ranvier {

/// c[0] + c[1] x + c[2] x^2 + ... by Horner's rule. Unrolled by recursion: a loop in a loop would keep
/// the outer one from being vectorised.
template <std::size_t k = 0, class Real, std::size_t n, class X>
[[gnu::always_inline]] inline X polynomial(const std::array<Real, n>& c, const X& x) {
  if constexpr (k + 1 == n) {
    return X(c[k]);
  } else {
    return polynomial<k + 1>(c, x) * x + c[k];
  }
}

/// ln 2 in two parts; the product of the upper one with an exponent is exact.
inline constexpr double ln2_upper = 0x1.62e42fefa0000p-1, ln2_lower = 0x1.cf79abc9e3b3ap-40;

/// ln x of a normal positive x, to 2 ulp.
///
///     x = 2^e m with sqrt(1/2) <= m < sqrt(2),   ln m = 2 artanh s,   s = (m - 1) / (m + 1)
///
/// |s| < 0.1716, so that eleven terms of the series of artanh leave less than 2^-56.
[[gnu::always_inline]] inline double lane_log(double x) {
  constexpr std::uint64_t root_half = 0x3fe6a09e667f3bcd, bias = 1023ull << 52;
  constexpr std::array<double, 11> series{1.0,        1.0 / 3.0,  1.0 / 5.0,  1.0 / 7.0,
                                          1.0 / 9.0,  1.0 / 11.0, 1.0 / 13.0, 1.0 / 15.0,
                                          1.0 / 17.0, 1.0 / 19.0, 1.0 / 21.0};
  const auto bits = std::bit_cast<std::uint64_t>(x);
  const std::uint64_t biased = (bits - root_half + bias) >> 52;  // e + 1023, at least 0
  const double m = std::bit_cast<double>(bits - (biased << 52) + bias);
  // Added to the bits of 2^52, a small integer becomes the last digits of that number.
  const double e = std::bit_cast<double>(biased + 0x4330000000000000u) - (0x1p52 + 1023.0);
  const double s = (m - 1.0) / (m + 1.0);
  return e * ln2_upper + (2.0 * s * polynomial(series, s * s) + e * ln2_lower);
}

/// exp x, to 2 ulp where it is a normal number.
///
///     x = k ln 2 + r with |r| <= ln 2 / 2,   exp x = 2^k exp r
///
/// by the Taylor series of exp, whose terms beyond r^13 are below 2^-57.
[[gnu::always_inline]] inline double lane_exp(double x) {
  constexpr std::array<double, 14> series{1.0,
                                          1.0,
                                          1.0 / 2.0,
                                          1.0 / 6.0,
                                          1.0 / 24.0,
                                          1.0 / 120.0,
                                          1.0 / 720.0,
                                          1.0 / 5040.0,
                                          1.0 / 40320.0,
                                          1.0 / 362880.0,
                                          1.0 / 3628800.0,
                                          1.0 / 39916800.0,
                                          1.0 / 479001600.0,
                                          1.0 / 6227020800.0};
  constexpr double integer = 0x1.8p52;  // added and subtracted, it rounds to whole numbers
  // Beyond these the result is 0 or infinite all the same.
  const double bounded = std::min(std::max(x, -1100.0), 1100.0);
  const double shifted = bounded * 1.4426950408889634 + integer;
  const double k = shifted - integer;
  const double r = (bounded - k * ln2_upper) - k * ln2_lower;
  // 2^k in two factors, as k itself may lie outside the range of exponents.
  const double half_shifted = 0.5 * k + integer;
  const auto half = std::bit_cast<std::uint64_t>(half_shifted);
  const auto rest = std::bit_cast<std::uint64_t>(k - (half_shifted - integer) + integer);
  const double first = std::bit_cast<double>((half + 1023) << 52);
  const double second = std::bit_cast<double>((rest + 1023) << 52);
  return polynomial(series, r) * first * second;
}

/// The standard normal quantile by Wichura 1988, Applied Statistics 37:477-484, algorithm AS 241,
/// PPND16, in its three pieces; its relative error is about 1e-16.
namespace ppnd16 {

inline constexpr double split = 0.425;  ///< of |p - 1/2|: below it the centre, else the tails
inline constexpr double far_split = 5.0;

[[gnu::always_inline]] inline double central(double q) {
  constexpr std::array<double, 8> a{3.3871328727963666080e0,  1.3314166789178437745e+2,
                                    1.9715909503065514427e+3, 1.3731693765509461125e+4,
                                    4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                    3.3430575583588128105e+4, 2.5090809287301226727e+3};
  constexpr std::array<double, 8> b{1.0,
                                    4.2313330701600911252e+1,
                                    6.8718700749205790830e+2,
                                    5.3941960214247511077e+3,
                                    2.1213794301586595867e+4,
                                    3.9307895800092710610e+4,
                                    2.8729085735721942674e+4,
                                    5.2264952788528545610e+3};
  const double r = split * split - q * q;
  return q * polynomial(a, r) / polynomial(b, r);
}

/// Of r = sqrt(-ln min(p, 1 - p)), up to far_split: the quantile's size.
[[gnu::always_inline]] inline double tail(double r) {
  constexpr std::array<double, 8> c{1.42343711074968357734e0,  4.63033784615654529590e0,
                                    5.76949722146069140550e0,  3.64784832476320460504e0,
                                    1.27045825245236838258e0,  2.41780725177450611770e-1,
                                    2.27238449892691845833e-2, 7.74545014278341407640e-4};
  constexpr std::array<double, 8> d{1.0,
                                    2.05319162663775882187e0,
                                    1.67638483018380384940e0,
                                    6.89767334985100004550e-1,
                                    1.48103976427480074590e-1,
                                    1.51986665636164571966e-2,
                                    5.47593808499534494600e-4,
                                    1.05075007164441684324e-9};
  return polynomial(c, r - 1.6) / polynomial(d, r - 1.6);
}

/// The same for r beyond far_split.
[[gnu::always_inline]] inline double far_tail(double r) {
  constexpr std::array<double, 8> e{6.65790464350110377720e0,  5.46378491116411436990e0,
                                    1.78482653991729133580e0,  2.96560571828504891230e-1,
                                    2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                    2.71155556874348757815e-5, 2.01033439929228813265e-7};
  constexpr std::array<double, 8> f{1.0,
                                    5.99832206555887937690e-1,
                                    1.36929880922735805310e-1,
                                    1.48753612908506148525e-2,
                                    7.86869131145613259100e-4,
                                    1.84631831751005468180e-5,
                                    1.42151175831644588870e-7,
                                    2.04426310338993978564e-15};
  return polynomial(e, r - far_split) / polynomial(f, r - far_split);
}

}  // namespace ppnd16

}  // namespace ranvier
