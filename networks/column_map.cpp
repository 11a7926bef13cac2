#include "networks/column_map.hpp"

namespace ranvier {

ColumnMap::ColumnMap(const LinearMap& map) : first_(map.inputs + 1), target_(map.entries()) {
  for (const auto source : map.source) ++first_[source + 1];
  for (std::size_t j = 0; j < map.inputs; ++j) first_[j + 1] += first_[j];
  std::vector<double> weight(map.entries());
  auto next = first_;
  for (std::size_t i = 0; i < map.outputs(); ++i) {
    for (std::size_t e = map.first[i]; e < map.first[i + 1]; ++e) {
      const auto to = next[map.source[e]]++;
      weight[to] = map.weight[e];
      target_[to] = static_cast<std::uint32_t>(i);
    }
  }
  if (are_floats(weight)) {
    weight_.narrow.assign(weight.begin(), weight.end());
  } else {
    weight_.wide.assign(weight.begin(), weight.end());
  }
  find_runs();
}

/// Puts runs in place of targets where that is worthwhile.
void ColumnMap::find_runs() {
  first_run_.push_back(0);
  for (std::size_t j = 0; j + 1 < first_.size(); ++j) {
    append_runs(std::span(target_).subspan(first_[j], first_[j + 1] - first_[j]), runs_);
    first_run_.push_back(runs_.size());
  }
  if (runs_.size() * worthwhile_run > target_.size()) {
    runs_ = {};
    first_run_ = {};
  } else {
    target_ = {};
  }
}

void ColumnMap::add_product(std::span<const double> x, std::span<double> sums) const {
  weight_.with_filled([&](const auto* weight) {
    for (std::size_t j = 0; j < x.size(); ++j) {
      if (x[j] != 0.0) add_column(j, x[j], weight + first_[j], sums.data());
    }
  });
}

template <class Weight>
void ColumnMap::add_column(std::size_t input, double value, const Weight* weight,
                           double* sums) const {
  if (runs_.empty()) {
    const auto* const target = target_.data() + first_[input];
    const auto count = first_[input + 1] - first_[input];
    for (std::size_t e = 0; e < count; ++e) {
      sums[target[e]] += static_cast<double>(weight[e]) * value;
    }
    return;
  }
  for (auto r = first_run_[input]; r < first_run_[input + 1]; ++r) {
    auto* const sum = sums + runs_[r].first;
    for (std::size_t k = 0; k < runs_[r].count; ++k) {
      sum[k] += static_cast<double>(weight[k]) * value;
    }
    weight += runs_[r].count;
  }
}

}  // namespace ranvier
