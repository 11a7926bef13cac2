#include "networks/agent/evaluation/oracle.hpp"

namespace ranvier::agent {
namespace {

struct SampleOracle {
  bool ever_right = false;
  double first_right = 0.0;    ///< horizon where never right
  double cutoff = 0.0;         ///< horizon where wrong at the end
  double earliest_time = 0.0;  ///< this sample's term of the average earliest time
};

SampleOracle of_sample(const Decisions& d, std::size_t sample) {
  SampleOracle result{.first_right = d.horizon, .cutoff = d.horizon};
  bool right = false;
  for (auto row = d.first[sample]; row <= d.last(sample); ++row) {
    const bool now = d.correct[row] != 0;
    if (now == right) continue;
    right = now;
    result.earliest_time += now ? d.time[row] : -d.time[row];
    if (now) result.cutoff = d.time[row];
    if (now && !result.ever_right) result.first_right = d.time[row];
    result.ever_right = true;
  }
  if (!right) {
    result.cutoff = d.horizon;
    result.earliest_time += d.horizon;
  }
  return result;
}

}  // namespace

Oracle oracle(const Decisions& decisions) {
  Oracle result;
  const double samples = static_cast<double>(decisions.samples());
  double right = 0.0, right_latency = 0.0;
  for (std::size_t i = 0; i < decisions.samples(); ++i) {
    const auto sample = of_sample(decisions, i);
    if (sample.ever_right) {
      right += 1.0;
      right_latency += sample.first_right;
    } else {
      result.latency_charged_horizon += decisions.horizon;
      result.latency_charged_first += decisions.time[decisions.first[i]];
    }
    result.optimal_cutoff += sample.cutoff / samples;
    result.average_earliest_time += sample.earliest_time / samples;
  }
  result.accuracy = right / samples;
  result.latency_charged_horizon = (result.latency_charged_horizon + right_latency) / samples;
  result.latency_charged_first = (result.latency_charged_first + right_latency) / samples;
  if (right > 0.0) result.latency_right = right_latency / right;
  return result;
}

std::vector<double> optimal_cutoffs(const Decisions& decisions) {
  std::vector<double> result;
  for (std::size_t i = 0; i < decisions.samples(); ++i) {
    result.push_back(of_sample(decisions, i).cutoff);
  }
  return result;
}

}  // namespace ranvier::agent
