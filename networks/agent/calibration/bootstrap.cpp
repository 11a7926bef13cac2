#include "networks/agent/calibration/bootstrap.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/error.hpp"

namespace ranvier::agent {
namespace {

/// Resampling divides data at random as a split does; the owners keep it apart from that.
constexpr std::uint32_t first_owner = 0xb00700;

double quantile(std::span<const double> sorted, double q) {
  const double place = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(std::floor(place));
  const auto above = std::min(below + 1, sorted.size() - 1);
  const double fraction = place - static_cast<double>(below);
  return sorted[below] + fraction * (sorted[above] - sorted[below]);
}

}  // namespace

void check(const BootstrapOptions& options) {
  if (options.replicates == 0) throw InvalidValue("a bootstrap was asked for with 0 replicates");
  if (options.level > 0.0 && options.level < 1.0) return;
  throw InvalidValue(
      fmt::format("the level of an interval is {}; expected between 0 and 1", options.level));
}

Draws bootstrap_draws(const BootstrapOptions& options, std::uint32_t use, std::size_t replicate) {
  return RandomStream(options.seed, Purpose::split, first_owner + use)
      .at(static_cast<std::uint32_t>(replicate), 0);
}

std::vector<std::uint32_t> resampled(std::size_t samples, const BootstrapOptions& options,
                                     std::size_t replicate) {
  auto draws = bootstrap_draws(options, 0, replicate);
  std::vector<std::uint32_t> rows(samples);
  for (auto& row : rows) row = draws.below(static_cast<std::uint32_t>(samples));
  return rows;
}

Interval percentile_interval(std::vector<double> values, double level) {
  std::ranges::sort(values);
  return {quantile(values, (1.0 - level) / 2.0), quantile(values, (1.0 + level) / 2.0)};
}

}  // namespace ranvier::agent
