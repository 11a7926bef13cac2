#include "networks/agent/rules/features.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/error.hpp"

namespace ranvier::agent {

double entropy(std::span<const double> probabilities) {
  double sum = 0.0;
  for (const double p : probabilities) {
    if (p > 0.0) sum -= p * std::log(p);
  }
  return sum;
}

void features_of(const DecisionPoint& point, double temperature, std::size_t run_length,
                 std::span<double> features) {
  std::vector<double> p(point.scores.size());
  softmax(point.scores, temperature, p);
  const double spread = entropy(p);
  std::vector<double> squares(p);
  double sum = 0.0;
  for (auto& q : squares) sum += q *= q;
  for (auto& q : squares) q /= sum;
  const auto top = std::min<std::size_t>(3, p.size());
  std::partial_sort(p.begin(), p.begin() + static_cast<std::ptrdiff_t>(top), p.end(),
                    std::greater<>());
  features[0] = p[0];
  features[1] = p[0] - p[1];
  features[2] = spread;
  features[3] = entropy(squares);
  features[4] = top > 2 ? p[2] : 0.0;
  features[5] = point.leader.gap / (temperature + point.leader.gap);
  features[6] = std::log(static_cast<double>(run_length));
}

void require_steps(const TraceView& trace, const std::string& rule) {
  if (trace.stepped()) return;
  throw Unsupported(fmt::format(
      "the exit rule {} has something of its own for every step and needs a trace made of steps; "
      "expected decisions at steps, not at events",
      rule));
}

}  // namespace ranvier::agent
