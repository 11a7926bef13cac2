#pragma once

/// The dynamic-confidence agent: after every step, or every output event, it looks at the
/// accumulated scores z and stops the run for this input once it is confident enough.
///
///     c = max_k softmax(z / a)_k;   stop at the first c > theta
///
/// a is constant over time, so c > theta tests how far the leading class is ahead in accumulated
/// evidence, not how probable it is. Neither weights nor neurons know of the agent.
///
/// Source: C. Li, E. Jones, S. Furber, "Unleashing the Potential of Spiking Neural Networks with
/// Dynamic Confidence", ICCV 2023, arXiv:2303.10276; rule and constants as in its released program,
/// the gap bracket derived from them.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/parameter.hpp"
#include "networks/agent/confidence.hpp"

namespace ranvier::agent {

/// Where the temperature comes from, in the order of the choices of `temperature_fit`.
enum class TemperatureFrom { fixed, fit_final, fit_all_steps, horizon, grid };

/// Where the threshold comes from, in the order of the choices of `selection`; the first three are
/// those of threshold_choice.hpp.
enum class ThresholdFrom { plain, safe, paired, fixed };

struct DynamicConfidenceParameters {
  double temperature = 1.0;
  int temperature_fit = static_cast<int>(TemperatureFrom::fit_all_steps);
  double threshold = 0.6;
  int selection = static_cast<int>(ThresholdFrom::safe);
  double allowed_accuracy_loss = 0.0;
  std::int64_t max_steps = 0;

  static std::vector<Field<DynamicConfidenceParameters>> fields();
};

/// The run-time rule for one input after another. Throws InvalidValue for a temperature that is not
/// positive, a threshold outside (0, 1] or, in `decide`, fewer than 2 scores or one not finite.
class DynamicConfidence {
 public:
  /// The answer is forced from decision `max_steps` on; with 0 by whoever ends the run.
  DynamicConfidence(double temperature, double threshold, std::size_t max_steps = 0);

  /// With the parameters' own `temperature` and `threshold`, whatever their fits would choose.
  explicit DynamicConfidence(const DynamicConfidenceParameters& parameters);

  /// Before every new input.
  void reset() noexcept;

  /// Looks at accumulated scores [K]; true where the run should stop. O(K), and no exponentials
  /// outside the bracket.
  bool decide(std::span<const double> scores);

  /// The answer at the last decision, 0 before the first.
  std::size_t prediction() const noexcept { return leader_.best; }
  /// max_k softmax(z / a)_k at the last decision, 0 before the first.
  double confidence() const;
  /// Number of decisions since `reset`.
  std::size_t decisions() const noexcept { return decisions_; }

  double temperature() const noexcept { return temperature_; }
  double threshold() const noexcept { return threshold_; }

 private:
  double temperature_, threshold_;
  std::size_t max_steps_, decisions_ = 0;
  Leader leader_;
  GapBracket bracket_;
  std::vector<double> scores_;  ///< of the last decision; its size is the K of `bracket_`
};

}  // namespace ranvier::agent
