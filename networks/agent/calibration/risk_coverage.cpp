#include "networks/agent/calibration/risk_coverage.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.hpp"

namespace ranvier::agent {

RiskCoverage risk_coverage(std::span<const double> score, std::span<const std::uint8_t> correct) {
  if (score.empty() || score.size() != correct.size()) {
    throw InvalidValue("a risk-coverage curve needs as many scores as outcomes, at least one");
  }
  if (std::ranges::any_of(score, [](double s) { return std::isnan(s); })) {
    throw InvalidValue("a risk-coverage curve was given a score that is not a number");
  }
  std::vector<std::size_t> order(score.size());
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t i) { return score[i]; });

  RiskCoverage result;
  const double samples = static_cast<double>(score.size());
  double wrong = 0.0, right = 0.0, pairs = 0.0;
  for (std::size_t begin = 0; begin < order.size();) {
    double tied_right = 0.0, tied_wrong = 0.0;
    auto end = begin;
    for (; end < order.size() && score[order[end]] == score[order[begin]]; ++end) {
      (correct[order[end]] != 0 ? tied_right : tied_wrong) += 1.0;
    }
    // Wrong answers below every right one above them, half of those beside it.
    pairs += tied_wrong * (right + tied_right / 2.0);
    right += tied_right;
    wrong += tied_wrong;
    const double covered = static_cast<double>(end);
    result.coverage.push_back(covered / samples);
    result.risk.push_back(wrong / covered);
    result.area += result.risk.back() * static_cast<double>(end - begin) / samples;
    begin = end;
  }
  if (right > 0.0 && wrong > 0.0) result.auroc = pairs / (right * wrong);
  return result;
}

}  // namespace ranvier::agent
