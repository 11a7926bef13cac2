/// Budgeted exits: a share of the samples that is prescribed for every step leaves there, the most
/// confident first,
///
///     q_t proportional to ratio^t,  t = 1 .. T
///     theta_t = confidence of the last of the floor(N q_t) most confident held-out samples not yet
///               out
///
/// and a new sample leaves at the first step with confidence >= theta_t. One threshold per step:
/// more freedom and more over-fitting than one for all.
///
/// Source: G. Huang et al., "Multi-Scale Dense Networks for Resource Efficient Image
/// Classification", ICLR 2018, arXiv:1703.09844, budgeted batch classification; the shares as in the
/// released program of JEI-DNN, arXiv:2310.09163.

#include <algorithm>
#include <cmath>
#include <limits>

#include "networks/agent/rules/features.hpp"
#include "networks/agent/rules/softmax_score.hpp"
#include "networks/agent/selection/selection_policy.hpp"

namespace ranvier::agent {
namespace {

struct Parameters : SmoothingParameters {
  double ratio = 1.0;
  std::int64_t max_steps = 0;

  static std::vector<Field<Parameters>> fields() {
    auto fields = smoothing_fields<Parameters>();
    fields.push_back(
        real<Parameters>("ratio", &Parameters::ratio, "", positive,
                         "of the samples that leave at one step to those at the step before"));
    fields.push_back(integer<Parameters>(
        "max_steps", &Parameters::max_steps, non_negative,
        "steps after which the answer is given whatever the score; 0: end of the run"));
    return fields;
  }
};

std::vector<double> shares(std::size_t steps, double ratio) {
  std::vector<double> result;
  double sum = 0.0;
  for (std::size_t t = 0; t < steps; ++t) {
    // Relative to the largest, so that no power overflows.
    const auto from_largest = static_cast<double>(ratio > 1.0 ? steps - 1 - t : t);
    result.push_back(std::pow(ratio > 1.0 ? 1.0 / ratio : ratio, from_largest));
    sum += result.back();
  }
  for (auto& share : result) share /= sum;
  return result;
}

ThresholdPolicy policy(double ratio) {
  return [ratio](const TraceView& trace, const Decisions& scored) {
    require_steps(trace, "budgeted");
    const auto steps = trace.points(0);
    const auto quota = shares(steps, ratio);
    std::vector<std::size_t> running(scored.samples());
    for (std::size_t i = 0; i < running.size(); ++i) running[i] = i;
    Thresholds thresholds;
    for (std::size_t t = 0; t + 1 < steps; ++t) {
      const auto confidence = [&](std::size_t i) { return scored.score[scored.first[i] + t]; };
      const double wanted = std::floor(static_cast<double>(scored.samples()) * quota[t] + 1e-9);
      const auto leaving = std::min(running.size(), static_cast<std::size_t>(wanted));
      if (leaving == 0) {
        thresholds.push_back(std::numeric_limits<double>::infinity());
        continue;
      }
      const auto last = running.begin() + static_cast<std::ptrdiff_t>(leaving) - 1;
      std::ranges::nth_element(running, last, std::greater<>(), confidence);
      // The last of them leaves as well: at least its confidence is more than just below it.
      const double threshold = std::nextafter(confidence(*last), 0.0);
      thresholds.push_back(threshold);
      std::erase_if(running, [&](std::size_t i) { return confidence(i) > threshold; });
    }
    // The last step answers whatever is left.
    thresholds.push_back(0.0);
    return thresholds;
  };
}

ExitRuleParts parts(const Parameters& p) {
  return assembled(std::make_unique<SoftmaxScore>(p), {.thresholds = {}, .choose = policy(p.ratio)},
                   p.max_steps);
}

[[maybe_unused]] const auto& registered = add_exit_rule<Parameters>(
    "budgeted", "a prescribed share of the samples leaves at every step, the most confident first",
    "Huang et al. 2018, ICLR, arXiv:1703.09844", parts);

}  // namespace
}  // namespace ranvier::agent
