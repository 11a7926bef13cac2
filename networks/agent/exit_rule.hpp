#pragma once

/// When to stop: one interface for every exit rule. At each decision point of a run a rule has a
/// score, larger where it is surer, and stops at the first point with
///
///     score > threshold
///
/// where the threshold is one number or one per decision. What tells rules apart is the score
/// (`ExitScore`) and where the thresholds come from (`ThresholdPolicy`); everything else, online
/// decisions, offline evaluation, exact sweeps and selection, is written once for all of them.

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/parameter.hpp"
#include "core/registry.hpp"
#include "networks/agent/calibration/exit_probability.hpp"
#include "networks/agent/confidence.hpp"
#include "networks/agent/record/decisions.hpp"
#include "networks/agent/record/trace.hpp"

namespace ranvier::agent {

/// What a rule sees when it is asked.
struct DecisionPoint {
  std::size_t decision = 1;        ///< counted from 1 since the last reset: the step, on steps
  double time = 1.0;               ///< since the input came on, in steps
  std::span<const double> scores;  ///< [K] accumulated output
  Leader leader;                   ///< of `scores`
};

/// Something a fit found, by name: one value, or one per step.
struct Finding {
  std::string name;
  std::vector<double> values;
};

/// The part of a rule that looks. It may keep state over the points of one input.
class ExitScore {
 public:
  virtual ~ExitScore() = default;
  virtual std::unique_ptr<ExitScore> clone() const = 0;

  /// False while something is missing that only held-out data can tell.
  virtual bool ready() const { return true; }
  /// Learns from held-out runs; throws Unsupported for an event trace where steps are needed.
  virtual void fit(const TraceView& /*held_out*/) {}
  /// Fitted scores to choose among by their latency; empty where there is only this one.
  virtual std::vector<std::unique_ptr<ExitScore>> variants(const TraceView& /*held_out*/) const {
    return {};
  }

  /// Before every new input.
  virtual void reset() {}
  virtual void observe(const DecisionPoint& point) = 0;
  /// At the last point observed; finite.
  virtual double value() const = 0;
  /// value() > threshold, for scores that can tell without computing it.
  virtual bool exceeds(double threshold) { return value() > threshold; }

  /// No value exceeds it.
  virtual double ceiling() const;
  /// The value claims to be the probability that the answer is right.
  virtual bool is_probability() const { return false; }
  /// Classes that cannot be excluded at the last point, for scores that answer with a set.
  virtual std::optional<std::vector<std::size_t>> answer_set() const { return std::nullopt; }
  virtual std::vector<Finding> findings() const { return {}; }
};

/// The thresholds of a rule: one for all decisions, or that of decision d at [d-1], the last one
/// holding on. An infinite threshold is never exceeded.
using Thresholds = std::vector<double>;

/// Takes thresholds from the scores of held-out runs. Throws InvalidValue for a condition that no
/// threshold meets, naming the nearest that one does.
using ThresholdPolicy =
    std::function<Thresholds(const TraceView& held_out, const Decisions& scored)>;

/// What a rule is made of.
struct ExitRuleParts {
  std::string name;
  std::unique_ptr<ExitScore> score;
  Thresholds thresholds{};   ///< those before any fit; empty where there are none
  ThresholdPolicy choose{};  ///< empty: the thresholds stay as they are
  std::size_t max_steps = 0;
};

/// What a fitted rule costs and yields on the data it was fitted to.
struct HeldOut {
  double accuracy = 0.0;
  double latency = 0.0;
  double final_accuracy = 0.0;  ///< of answering all samples at the horizon
  double horizon = 0.0;
};

/// A rule deciding about one input after another. Copies are independent: each thread has its own.
class ExitRule {
 public:
  explicit ExitRule(ExitRuleParts parts);
  ExitRule(const ExitRule& other);
  ExitRule(ExitRule&&) noexcept = default;
  ExitRule& operator=(const ExitRule& other);
  ExitRule& operator=(ExitRule&&) noexcept = default;
  ~ExitRule() = default;

  const std::string& name() const noexcept { return name_; }

  /// Fits score, thresholds and the probability of being right to runs of samples that were neither
  /// trained on nor are used to report results. Throws InvalidValue for a condition that cannot be
  /// met, naming the nearest that can, Unsupported for a rule that needs steps and an event trace;
  /// the rule is then as it was.
  void fit(const TraceView& held_out);
  /// Can decide: nothing is left to be learnt from held-out data.
  bool ready() const { return !thresholds_.empty() && score_->ready(); }

  /// Before every new input.
  void reset();
  /// Looks at accumulated scores [K] at `time`; true where the run should stop. From decision
  /// `max_steps` on, if not 0, it always does. Throws InvalidValue for fewer than two scores, ones
  /// that are not finite, and a rule that is not ready.
  bool stop(double time, std::span<const double> scores);

  /// The answer at the last decision, 0 before the first.
  std::size_t prediction() const noexcept { return leader_.best; }
  /// Classes not excluded at the last decision: the prediction alone, but for rules that answer
  /// with a set.
  std::vector<std::size_t> answer_set() const;
  /// At the last decision, 0 before the first.
  double score() const;
  /// Share of held-out answers given at such a time with such a score that were right. Empty before
  /// the first decision and without a fit.
  std::optional<double> probability() const;
  /// Number of decisions since `reset`.
  std::size_t decisions() const noexcept { return decisions_; }

  const Thresholds& thresholds() const noexcept { return thresholds_; }
  double threshold(std::size_t decision) const;  ///< `decision` counts from 1
  std::size_t max_steps() const noexcept { return max_steps_; }
  bool scores_are_probabilities() const { return score_->is_probability(); }
  const std::optional<ExitProbability>& exit_probability() const noexcept { return probability_; }
  const std::optional<HeldOut>& held_out() const noexcept { return held_out_; }
  /// What the fit found: thresholds, temperatures, quantiles.
  std::vector<Finding> findings() const;

  /// Scores at all decision points of a trace, beyond the points where the rule would stop.
  Decisions scored(const TraceView& trace) const;
  /// The rows of `decisions`, which `scored` made, at which the rule stops.
  std::vector<std::size_t> stops(const Decisions& decisions) const;

 private:
  void choose_thresholds(const TraceView& held_out);

  std::string name_;
  std::unique_ptr<ExitScore> score_;
  Thresholds thresholds_;
  ThresholdPolicy choose_;
  std::size_t max_steps_ = 0;
  std::optional<ExitProbability> probability_;
  std::optional<HeldOut> held_out_;

  std::size_t decisions_ = 0;
  double time_ = 0.0;
  Leader leader_;
};

/// A kind of rule as the registry holds it. `make` throws UnknownName or InvalidValue for values
/// that do not fit `parameters`.
struct ExitRuleKind {
  std::string name, summary, source;
  std::vector<Parameter> parameters;
  std::function<ExitRule(const ValueMap&)> make;
};

Registry<ExitRuleKind>& exit_rules();

/// The rule of that name, as yet without a fit.
ExitRule exit_rule(const std::string& name, const ValueMap& parameters = {});

/// Registers a rule that `parts_of(const Parameters&)` assembles, its name aside.
template <class Parameters, class PartsOf>
const ExitRuleKind& add_exit_rule(const std::string& name, std::string summary, std::string source,
                                  PartsOf parts_of) {
  auto make = [name, parts_of](const ValueMap& values) {
    const auto parameters = configured<Parameters>(values, name + " " + exit_rules().kind());
    ExitRuleParts parts = parts_of(parameters);
    parts.name = name;
    return ExitRule(std::move(parts));
  };
  return exit_rules().add(name, {name, std::move(summary), std::move(source),
                                 parameters_of<Parameters>(), std::move(make)});
}

}  // namespace ranvier::agent
