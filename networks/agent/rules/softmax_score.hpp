#pragma once

/// The score of the rules that look at the largest softmax probability:
///
///     c_t = max_k softmax(z_t / a_t)_k

#include <vector>

#include "networks/agent/calibration/smoothing.hpp"
#include "networks/agent/exit_rule.hpp"

namespace ranvier::agent {

class SoftmaxScore final : public ExitScore {
 public:
  explicit SoftmaxScore(const SmoothingParameters& parameters);

  std::unique_ptr<ExitScore> clone() const override;
  bool ready() const override { return ready_; }
  void fit(const TraceView& held_out) override;
  /// Where the temperature is that of a grid: 1/16, 1/8, ..., 8 times the fit over all steps. The
  /// best calibrated temperature is not the best exit score; eight chances of a lucky threshold.
  std::vector<std::unique_ptr<ExitScore>> variants(const TraceView& held_out) const override;
  void observe(const DecisionPoint& point) override;
  double value() const override;
  /// No exponentials outside the gap bracket.
  bool exceeds(double threshold) override;
  double ceiling() const override { return 1.0; }
  bool is_probability() const override { return true; }
  std::vector<Finding> findings() const override;

 private:
  SmoothingParameters parameters_;
  Smoothing smoothing_;
  bool ready_ = false;

  std::vector<double> scores_;
  double gap_ = 0.0, temperature_ = 1.0;

  /// At temperature 1, of which every other is a multiple.
  GapBracket unit_bracket_;
  std::size_t bracket_classes_ = 0;
  double bracket_threshold_ = 0.0;
};

}  // namespace ranvier::agent
