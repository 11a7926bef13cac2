#pragma once

/// The quantile of the standard normal distribution: it turns a uniform number into a normal one.

#include <span>

namespace ranvier {

/// x with P(X <= x) = p, for 0 < p < 1, by AS 241 (core/lane_math.hpp).
double normal_quantile(double p);

/// Replaces each number by its quantile, vectorised; the same bits as normal_quantile gives.
void normal_quantiles(std::span<double> p);

}  // namespace ranvier
