#include "plasticity/focal_loss.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace ranvier {
namespace {

/// The class of the largest score below that of the label; the label itself where there is none.
std::size_t next_after(std::span<const double> scores, std::size_t label) {
  std::size_t next = label;
  for (std::size_t k = 0; k < scores.size(); ++k) {
    if (scores[k] >= scores[label]) continue;
    if (next == label || scores[k] > scores[next]) next = k;
  }
  return next;
}

}  // namespace

double focal_loss(Focal kind, double gamma, double temperature, std::span<const double> scores,
                  std::size_t label, std::span<double> grad) {
  const double highest = *std::ranges::max_element(scores);
  std::vector<double> p(scores.size());
  double sum = 0.0;
  for (std::size_t k = 0; k < p.size(); ++k) {
    p[k] = std::exp((scores[k] - highest) / temperature);
    sum += p[k];
  }
  // 1 - p_y as the sum of the others: exact where p_y is close to 1.
  double u = 0.0;
  for (std::size_t k = 0; k < p.size(); ++k) {
    p[k] /= sum;
    if (k != label) u += p[k];
  }
  const double log_p = (scores[label] - highest) / temperature - std::log(sum);
  const auto next = kind == Focal::dual_focal ? next_after(scores, label) : label;
  if (next != label) u += p[next];

  // Where u is 0 so is ln p_y, and with it the first of the two terms of dL/dp.
  const double slope = u > 0.0 ? gamma * std::pow(u, gamma - 1.0) * log_p : 0.0;
  const double power = std::pow(u, gamma);
  const double by_label = p[label] * slope - power;  // p_y dL/dp_y
  const double by_next = next != label ? -p[next] * slope : 0.0;
  for (std::size_t k = 0; k < p.size(); ++k) {
    grad[k] = -p[k] * (by_label + by_next);
    if (k == label) grad[k] += by_label;
    if (k == next && next != label) grad[k] += by_next;
    grad[k] /= temperature;
  }
  return -power * log_p;
}

}  // namespace ranvier
