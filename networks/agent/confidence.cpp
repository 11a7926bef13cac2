#include "networks/agent/confidence.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "core/error.hpp"

namespace ranvier::agent {
namespace {

/// ln(p / (1 - p)), infinite at and beyond the ends of the unit interval.
double logit(double p) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (p <= 0.0) return -infinity;
  if (p >= 1.0) return infinity;
  return std::log(p / (1.0 - p));
}

}  // namespace

void check_temperature(double temperature) {
  if (std::isfinite(temperature) && temperature > 0.0) return;
  throw InvalidValue(fmt::format(
      "the temperature of the confidence is {}; expected a finite number greater than 0",
      temperature));
}

void check_threshold(double threshold) {
  if (threshold > 0.0 && threshold <= 1.0) return;
  throw InvalidValue(fmt::format(
      "the confidence threshold is {}; expected a number greater than 0 and at most 1", threshold));
}

std::size_t argmax(std::span<const double> scores) {
  return static_cast<std::size_t>(std::ranges::max_element(scores) - scores.begin());
}

double confidence(std::span<const double> scores, double temperature) {
  const double top = *std::ranges::max_element(scores);
  double sum = 0.0;
  for (const double z : scores) sum += std::exp((z - top) / temperature);
  return 1.0 / sum;
}

void softmax(std::span<const double> scores, double temperature, std::span<double> probabilities) {
  const double top = *std::ranges::max_element(scores);
  double sum = 0.0;
  for (std::size_t k = 0; k < scores.size(); ++k) {
    probabilities[k] = std::exp((scores[k] - top) / temperature);
    sum += probabilities[k];
  }
  for (auto& p : probabilities) p /= sum;
}

/// `confidence` sums K terms, each off by at most a few units in the last place: an error below
/// 8 K epsilon with room for the logarithms here.
GapBracket gap_bracket(std::size_t classes, double temperature, double threshold) {
  const double rivals = static_cast<double>(classes - 1);
  const double rounding =
      8.0 * static_cast<double>(classes) * std::numeric_limits<double>::epsilon();
  return {temperature * logit(threshold - rounding),
          temperature * (logit(threshold + rounding) + std::log(rivals))};
}

Leader leader(std::span<const double> scores) {
  if (scores.size() < 2) {
    throw InvalidValue(
        fmt::format("a decision was asked for {} scores; expected at least 2", scores.size()));
  }
  Leader result;
  double first = -std::numeric_limits<double>::infinity(), second = first;
  for (std::size_t k = 0; k < scores.size(); ++k) {
    if (!std::isfinite(scores[k])) {
      throw InvalidValue(
          fmt::format("the score of class {} is {}; expected a finite number", k, scores[k]));
    }
    if (scores[k] > first) {
      second = first;
      first = scores[k];
      result.best = k;
    } else {
      second = std::max(second, scores[k]);
    }
  }
  result.gap = first - second;
  return result;
}

bool exceeds(std::span<const double> scores, double gap, const GapBracket& bracket,
             double temperature, double threshold) {
  if (gap <= bracket.impossible) return false;
  return gap > bracket.certain || confidence(scores, temperature) > threshold;
}

}  // namespace ranvier::agent
