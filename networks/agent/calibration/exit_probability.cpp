#include "networks/agent/calibration/exit_probability.hpp"

#include <algorithm>
#include <numeric>

#include "core/error.hpp"

namespace ranvier::agent {

ExitProbability::ExitProbability(std::span<const double> time, std::span<const double> score,
                                 std::span<const std::uint8_t> correct) {
  if (time.empty() || time.size() != score.size() || time.size() != correct.size()) {
    throw InvalidValue(
        "the probability at exit needs as many times, scores and outcomes, at least one");
  }
  std::vector<std::size_t> order(time.size());
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return time[i]; });

  std::size_t begin = 0;
  while (begin < order.size()) {
    auto end = std::min(begin + smallest_group, order.size());
    while (end < order.size() && time[order[end]] == time[order[end - 1]]) ++end;
    // What is left over would be a group too small to stand alone.
    if (order.size() - end < smallest_group) end = order.size();
    std::vector<double> x, y;
    for (auto k = begin; k < end; ++k) {
      x.push_back(score[order[k]]);
      y.push_back(correct[order[k]] != 0 ? 1.0 : 0.0);
    }
    groups_.push_back({time[order[begin]], Isotonic(x, y)});
    begin = end;
  }
}

double ExitProbability::at(double time, double score) const {
  const auto after = std::ranges::upper_bound(groups_, time, {}, &Group::from);
  const auto& group = after == groups_.begin() ? groups_.front() : *(after - 1);
  return group.accuracy.at(score);
}

}  // namespace ranvier::agent
