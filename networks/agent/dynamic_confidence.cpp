#include "networks/agent/dynamic_confidence.hpp"

namespace ranvier::agent {

std::vector<Field<DynamicConfidenceParameters>> DynamicConfidenceParameters::fields() {
  using P = DynamicConfidenceParameters;
  return {
      real("temperature", &P::temperature, "", positive,
           "divisor of the accumulated scores, used where temperature_fit is fixed"),
      choice(
          "temperature_fit", &P::temperature_fit,
          {"fixed", "fit_final", "fit_all_steps", "horizon", "grid"},
          "temperature: as given, smallest negative log-likelihood of held-out data at the end or "
          "over all steps, number of steps of a run, or the quickest of a grid"),
      real("threshold", &P::threshold, "", {.lower = 0.0, .upper = 1.0, .lower_open = true},
           "confidence above which the run stops, used where selection is fixed"),
      choice("selection", &P::selection, {"plain", "safe", "paired", "fixed"},
             "threshold: cheapest that keeps the accuracy on held-out data, at it (plain), at it "
             "and above (safe), with 95 % confidence (paired), or as given"),
      real("allowed_accuracy_loss", &P::allowed_accuracy_loss, "", unit_interval,
           "share of held-out samples that stopping early may cost; 0.002 is 0.2 points"),
      integer("max_steps", &P::max_steps, non_negative,
              "steps after which the answer is given whatever the confidence; 0: end of the run"),
  };
}

DynamicConfidence::DynamicConfidence(double temperature, double threshold, std::size_t max_steps)
    : temperature_(temperature), threshold_(threshold), max_steps_(max_steps) {
  check_temperature(temperature);
  check_threshold(threshold);
}

DynamicConfidence::DynamicConfidence(const DynamicConfidenceParameters& parameters)
    : DynamicConfidence(parameters.temperature, parameters.threshold,
                        static_cast<std::size_t>(parameters.max_steps)) {}

void DynamicConfidence::reset() noexcept {
  decisions_ = 0;
  leader_ = {};
}

bool DynamicConfidence::decide(std::span<const double> scores) {
  leader_ = leader(scores);
  if (scores.size() != scores_.size()) {
    bracket_ = gap_bracket(scores.size(), temperature_, threshold_);
  }
  scores_.assign(scores.begin(), scores.end());
  ++decisions_;
  const bool forced = max_steps_ > 0 && decisions_ >= max_steps_;
  return forced || exceeds(scores, leader_.gap, bracket_, temperature_, threshold_);
}

double DynamicConfidence::confidence() const {
  return decisions_ == 0 ? 0.0 : agent::confidence(scores_, temperature_);
}

}  // namespace ranvier::agent
