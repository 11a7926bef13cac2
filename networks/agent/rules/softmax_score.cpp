#include "networks/agent/rules/softmax_score.hpp"

#include <cmath>

#include "networks/agent/calibration/temperature.hpp"

namespace ranvier::agent {

SoftmaxScore::SoftmaxScore(const SmoothingParameters& parameters)
    : parameters_(parameters), ready_(known_without_data(parameters)) {
  if (!ready_) return;
  smoothing_ =
      static_cast<TemperatureFrom>(parameters.temperature_fit) == TemperatureFrom::mean_logits
          ? Smoothing::linear(0.0, 1.0)
          : Smoothing(parameters.temperature);
}

std::unique_ptr<ExitScore> SoftmaxScore::clone() const {
  return std::make_unique<SoftmaxScore>(*this);
}

void SoftmaxScore::fit(const TraceView& held_out) {
  smoothing_ = fit_smoothing(held_out, parameters_);
  ready_ = true;
}

std::vector<std::unique_ptr<ExitScore>> SoftmaxScore::variants(const TraceView& held_out) const {
  std::vector<std::unique_ptr<ExitScore>> result;
  if (static_cast<TemperatureFrom>(parameters_.temperature_fit) != TemperatureFrom::grid) {
    return result;
  }
  const double centre = fit_temperature(every_point(held_out)).temperature;
  for (int octave = -4; octave <= 3; ++octave) {
    auto score = std::make_unique<SoftmaxScore>(*this);
    score->smoothing_ = Smoothing(std::ldexp(centre, octave));
    score->ready_ = true;
    result.push_back(std::move(score));
  }
  return result;
}

void SoftmaxScore::observe(const DecisionPoint& point) {
  scores_.assign(point.scores.begin(), point.scores.end());
  gap_ = point.leader.gap;
  temperature_ = smoothing_.at(point.decision, point.time);
}

double SoftmaxScore::value() const { return confidence(scores_, temperature_); }

bool SoftmaxScore::exceeds(double threshold) {
  if (scores_.size() != bracket_classes_ || threshold != bracket_threshold_) {
    unit_bracket_ = gap_bracket(scores_.size(), 1.0, threshold);
    bracket_classes_ = scores_.size();
    bracket_threshold_ = threshold;
  }
  const GapBracket bracket{temperature_ * unit_bracket_.impossible,
                           temperature_ * unit_bracket_.certain};
  return agent::exceeds(scores_, gap_, bracket, temperature_, threshold);
}

std::vector<Finding> SoftmaxScore::findings() const {
  const auto values = smoothing_.values();
  return {{values.size() > 1 ? "temperatures" : "temperature", values}};
}

}  // namespace ranvier::agent
