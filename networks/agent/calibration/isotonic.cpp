#include "networks/agent/calibration/isotonic.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.hpp"

namespace ranvier::agent {

Isotonic::Isotonic(std::span<const double> x, std::span<const double> y) {
  if (x.empty() || x.size() != y.size()) {
    throw InvalidValue("an isotonic regression needs as many x as y, at least one");
  }
  const auto finite = [](double value) { return std::isfinite(value); };
  if (!std::ranges::all_of(x, finite) || !std::ranges::all_of(y, finite)) {
    throw InvalidValue("an isotonic regression needs finite numbers");
  }
  std::vector<std::size_t> order(x.size());
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::sort(order, {}, [&](std::size_t i) { return x[i]; });

  struct Block {
    double from, sum, count;
    double mean() const { return sum / count; }
  };
  std::vector<Block> blocks;
  const auto pool_last = [&] {
    const auto top = blocks.back();
    blocks.pop_back();
    blocks.back().sum += top.sum;
    blocks.back().count += top.count;
  };
  for (std::size_t k = 0; k < order.size(); ++k) {
    const auto i = order[k];
    blocks.push_back({x[i], y[i], 1.0});
    if (k > 0 && x[i] == x[order[k - 1]]) pool_last();
    // A block is final only when its x is: points of equal x may still join.
    if (k + 1 < order.size() && x[order[k + 1]] == x[i]) continue;
    while (blocks.size() > 1 && blocks[blocks.size() - 2].mean() >= blocks.back().mean()) {
      pool_last();
    }
  }
  for (const auto& block : blocks) {
    from_.push_back(block.from);
    values_.push_back(block.mean());
  }
}

double Isotonic::at(double x) const {
  const auto after = std::ranges::upper_bound(from_, x);
  return after == from_.begin() ? values_.front()
                                : values_[static_cast<std::size_t>(after - from_.begin()) - 1];
}

}  // namespace ranvier::agent
