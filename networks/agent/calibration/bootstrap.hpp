#pragma once

/// Percentile intervals from resampling with replacement. Source: B. Efron, R. Tibshirani, "An
/// Introduction to the Bootstrap" (1993), chapter 13. Draws are counter-based: the same seed gives
/// the same interval on any machine and in any order.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/random.hpp"

namespace ranvier::agent {

struct BootstrapOptions {
  std::size_t replicates = 200;
  double level = 0.95;  ///< share of the replicates inside an interval
  std::uint64_t seed = 1;
};

struct Interval {
  double lower = 0.0, upper = 0.0;
};

/// Throws InvalidValue for no replicates or a level outside (0, 1).
void check(const BootstrapOptions& options);

/// Random numbers of replicate `replicate`; `use` keeps different uses apart.
Draws bootstrap_draws(const BootstrapOptions& options, std::uint32_t use, std::size_t replicate);

/// `samples` indices drawn with replacement.
std::vector<std::uint32_t> resampled(std::size_t samples, const BootstrapOptions& options,
                                     std::size_t replicate);

/// The middle share `level` of the values, at least one of them.
Interval percentile_interval(std::vector<double> values, double level);

}  // namespace ranvier::agent
