#include "networks/agent/evaluation/fixed_time.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace ranvier::agent {
namespace {

/// A sample turning right (+1) or wrong (-1); 0 marks a time that the curve shows in any case.
struct Turn {
  double time;
  int change;
};

std::vector<Turn> turns_of(const Decisions& decisions) {
  std::vector<Turn> turns;
  if (decisions.stepped) {
    for (double step = 1.0; step <= decisions.horizon; step += 1.0) turns.push_back({step, 0});
  } else {
    turns.push_back({0.0, 0});
  }
  for (std::size_t i = 0; i < decisions.samples(); ++i) {
    int right = decisions.correct_unprompted[i];
    for (auto row = decisions.first[i]; row <= decisions.last(i); ++row) {
      const int now = decisions.correct[row];
      if (now != right) turns.push_back({decisions.time[row], now - right});
      right = now;
    }
  }
  std::ranges::sort(turns, {}, &Turn::time);
  return turns;
}

std::size_t entry_at(const FixedTimeCurve& curve, double time) {
  const auto after = std::ranges::upper_bound(curve.time, time);
  return after == curve.time.begin() ? 0 : static_cast<std::size_t>(after - curve.time.begin()) - 1;
}

}  // namespace

FixedTimeCurve fixed_time_curve(const Decisions& decisions) {
  FixedTimeCurve curve{.time = {}, .accuracy = {}, .stepped = decisions.stepped};
  const double samples = static_cast<double>(decisions.samples());
  int right =
      std::accumulate(decisions.correct_unprompted.begin(), decisions.correct_unprompted.end(), 0);
  for (const auto& turn : turns_of(decisions)) {
    right += turn.change;
    if (curve.time.empty() || curve.time.back() != turn.time) {
      curve.time.push_back(turn.time);
      curve.accuracy.emplace_back();
    }
    curve.accuracy.back() = right / samples;
  }
  return curve;
}

double accuracy_at(const FixedTimeCurve& curve, double time) {
  return curve.accuracy[entry_at(curve, time)];
}

double matched_accuracy(const FixedTimeCurve& curve, double latency) {
  const auto entry = entry_at(curve, latency);
  if (!curve.stepped || entry + 1 == curve.time.size()) return curve.accuracy[entry];
  const double fraction = std::max(0.0, latency - curve.time[entry]);
  return curve.accuracy[entry] + fraction * (curve.accuracy[entry + 1] - curve.accuracy[entry]);
}

double base_time(const FixedTimeCurve& curve, double tolerance) {
  // The slack absorbs rounding; accuracies differ by multiples of 1/N.
  const double wanted = curve.accuracy.back() - tolerance - 1e-12;
  auto entry = curve.time.size() - 1;
  while (entry > 0 && curve.accuracy[entry - 1] >= wanted) --entry;
  return curve.time[entry];
}

}  // namespace ranvier::agent
