#include "networks/column_map.hpp"

#include <algorithm>

namespace ranvier {

ColumnMap::ColumnMap(const LinearMap& map) : first_(map.inputs + 1), sums_(map.outputs()) {
  for (const auto source : map.source) ++first_[source + 1];
  for (std::size_t j = 0; j < map.inputs; ++j) first_[j + 1] += first_[j];
  if (!map.is_dense()) target_.resize(map.entries());
  std::vector<double> weight(map.entries());
  auto next = first_;
  for (std::size_t i = 0; i < map.outputs(); ++i) {
    for (std::size_t e = map.first[i]; e < map.first[i + 1]; ++e) {
      const auto to = next[map.source[e]]++;
      weight[to] = map.weight[e];
      if (!target_.empty()) target_[to] = static_cast<std::uint32_t>(i);
    }
  }
  if (are_floats(weight)) {
    weight_.narrow.assign(weight.begin(), weight.end());
  } else {
    weight_.wide.assign(weight.begin(), weight.end());
  }
}

std::span<const double> ColumnMap::product(std::span<const double> x) {
  std::ranges::fill(sums_, 0.0);
  weight_.with_filled([&](const auto* weight) {
    for (std::size_t j = 0; j < x.size(); ++j) {
      if (x[j] != 0.0) add_column(j, x[j], weight + first_[j]);
    }
  });
  return sums_;
}

template <class Weight>
void ColumnMap::add_column(std::size_t input, double value, const Weight* weight) {
  double* const sums = sums_.data();
  const auto count = first_[input + 1] - first_[input];
  if (target_.empty()) {
    for (std::size_t i = 0; i < count; ++i) sums[i] += static_cast<double>(weight[i]) * value;
  } else {
    const auto* const target = target_.data() + first_[input];
    for (std::size_t e = 0; e < count; ++e) {
      sums[target[e]] += static_cast<double>(weight[e]) * value;
    }
  }
}

}  // namespace ranvier
