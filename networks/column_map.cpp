#include "networks/column_map.hpp"

#include <algorithm>

namespace ranvier {

ColumnMap::ColumnMap(const LinearMap& map)
    : first_(map.inputs + 1), weight_(map.entries()), sums_(map.outputs()) {
  for (const auto source : map.source) ++first_[source + 1];
  for (std::size_t j = 0; j < map.inputs; ++j) first_[j + 1] += first_[j];
  if (!map.is_dense()) target_.resize(map.entries());
  auto next = first_;
  for (std::size_t i = 0; i < map.outputs(); ++i) {
    for (std::size_t e = map.first[i]; e < map.first[i + 1]; ++e) {
      const auto to = next[map.source[e]]++;
      weight_[to] = map.weight[e];
      if (!target_.empty()) target_[to] = static_cast<std::uint32_t>(i);
    }
  }
}

std::span<const double> ColumnMap::product(std::span<const double> x) {
  std::ranges::fill(sums_, 0.0);
  double* const sums = sums_.data();
  for (std::size_t j = 0; j + 1 < first_.size(); ++j) {
    const double value = x[j];
    if (value == 0.0) continue;
    const double* const weight = weight_.data() + first_[j];
    const auto count = first_[j + 1] - first_[j];
    if (target_.empty()) {
      for (std::size_t i = 0; i < count; ++i) sums[i] += weight[i] * value;
    } else {
      const auto* const target = target_.data() + first_[j];
      for (std::size_t e = 0; e < count; ++e) sums[target[e]] += weight[e] * value;
    }
  }
  return sums_;
}

}  // namespace ranvier
