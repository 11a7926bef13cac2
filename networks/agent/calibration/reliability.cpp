#include "networks/agent/calibration/reliability.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/error.hpp"
#include "networks/agent/confidence.hpp"

namespace ranvier::agent {
namespace {

void check(std::span<const double> confidence, std::span<const std::uint8_t> correct,
           std::size_t bins) {
  if (bins == 0) throw InvalidValue("a reliability diagram was asked for with 0 bins");
  if (confidence.empty()) throw InvalidValue("a reliability diagram was asked for of no samples");
  if (confidence.size() != correct.size()) {
    throw InvalidValue(fmt::format("{} confidences were given with {} outcomes; expected as many",
                                   confidence.size(), correct.size()));
  }
  const auto bad =
      std::ranges::find_if(confidence, [](double c) { return !(c >= 0.0 && c <= 1.0); });
  if (bad != confidence.end()) {
    throw InvalidValue(fmt::format("confidence {} is {}; expected a number between 0 and 1",
                                   bad - confidence.begin(), *bad));
  }
}

/// The bin with lower < c <= upper, where the upper edge of bin b is (b + 1) / M as a double.
std::size_t bin_of(double c, std::span<const ReliabilityBin> bins) {
  const auto bin = std::ranges::lower_bound(bins, c, {}, &ReliabilityBin::upper);
  return static_cast<std::size_t>(bin - bins.begin());
}

std::vector<ReliabilityBin> empty_bins(std::size_t count) {
  std::vector<ReliabilityBin> bins(count);
  for (std::size_t b = 0; b < count; ++b) {
    bins[b].lower = static_cast<double>(b) / static_cast<double>(count);
    bins[b].upper = static_cast<double>(b + 1) / static_cast<double>(count);
  }
  return bins;
}

/// Upper edges are every N/M-th of the sorted confidences; where many are equal, edges coincide and
/// there are fewer bins.
std::vector<ReliabilityBin> equal_mass_bins(std::span<const double> confidence, std::size_t count) {
  std::vector<double> sorted(confidence.begin(), confidence.end());
  std::ranges::sort(sorted);
  std::vector<ReliabilityBin> bins;
  double lower = 0.0;
  for (std::size_t b = 1; b <= count; ++b) {
    const auto members = (b * sorted.size() + count - 1) / count;
    const double upper = sorted[members - 1];
    if (!bins.empty() && upper == bins.back().upper) continue;
    bins.push_back({.lower = lower, .upper = upper});
    lower = upper;
  }
  return bins;
}

Reliability filled(std::vector<ReliabilityBin> bins, std::span<const double> confidence,
                   std::span<const std::uint8_t> correct) {
  Reliability result;
  result.bins = std::move(bins);
  for (std::size_t i = 0; i < confidence.size(); ++i) {
    auto& bin = result.bins[bin_of(confidence[i], result.bins)];
    ++bin.count;
    bin.accuracy += correct[i] != 0 ? 1.0 : 0.0;
    bin.confidence += confidence[i];
  }
  const double samples = static_cast<double>(confidence.size());
  std::size_t filled = 0;
  for (auto& bin : result.bins) {
    if (bin.count == 0) continue;
    ++filled;
    result.accuracy += bin.accuracy / samples;
    result.mean_confidence += bin.confidence / samples;
    const double count = static_cast<double>(bin.count);
    bin.accuracy /= count;
    bin.confidence /= count;
    const double gap = std::abs(bin.accuracy - bin.confidence);
    result.ece += gap * count / samples;
    result.mce = std::max(result.mce, gap);
    result.ace += gap;
  }
  result.ace /= static_cast<double>(filled);
  return result;
}

}  // namespace

Reliability reliability(std::span<const double> confidence, std::span<const std::uint8_t> correct,
                        std::size_t bins) {
  check(confidence, correct, bins);
  return filled(empty_bins(bins), confidence, correct);
}

Reliability adaptive_reliability(std::span<const double> confidence,
                                 std::span<const std::uint8_t> correct, std::size_t bins) {
  check(confidence, correct, bins);
  return filled(equal_mass_bins(confidence, bins), confidence, correct);
}

ProperScores proper_scores(std::span<const LabelledScores> rows, double temperature) {
  check_temperature(temperature);
  if (rows.empty()) throw InvalidValue("proper scores were asked for of no samples");
  ProperScores result{.nll = likelihood(rows, 1.0 / temperature).nll};
  std::vector<double> p;
  double weight = 0.0;
  for (const auto& row : rows) {
    p.resize(row.scores.size());
    softmax(row.scores, temperature, p);
    p[row.label] -= 1.0;
    double squares = 0.0;
    for (const double error : p) squares += error * error;
    result.brier += row.weight * squares;
    weight += row.weight;
  }
  result.brier /= weight;
  return result;
}

Reliability reliability(std::span<const LabelledScores> rows, double temperature,
                        std::size_t bins) {
  check_temperature(temperature);
  std::vector<double> confidences;
  std::vector<std::uint8_t> correct;
  for (const auto& row : rows) {
    confidences.push_back(confidence(row.scores, temperature));
    correct.push_back(argmax(row.scores) == row.label);
  }
  return reliability(confidences, correct, bins);
}

}  // namespace ranvier::agent
