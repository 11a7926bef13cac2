/// Conformal exit, SpikeCP: at m checkpoints T/m, 2T/m, ..., T a set of classes that cannot be
/// excluded; stop at the first checkpoint whose set has at most I members. With s_t(k) the
/// nonconformity of class k and alpha' = alpha / m (Bonferroni),
///
///     q_t     = the ceil((1 - alpha') (n + 1))-th smallest held-out s_t of the true class
///     Gamma_t = { k : s_t(k) <= q_t };   stop at |Gamma_t| <= I
///
///     global: s_t(k) = -ln softmax(z_t)_k        local: s_t(k) = t - z_t(k)
///
/// P(y in Gamma_tau) >= 1 - alpha, on average over held-out and new samples, if these are
/// exchangeable. The set is the answer; its likeliest class is reported as well, without guarantee.
///
/// Source: J. Chen, S. Park, O. Simeone, "SpikeCP: Delay-Adaptive Reliable Spiking Neural Networks
/// via Conformal Prediction", arXiv:2305.11322, as in its released program. That needs spike counts
/// z_t; other accumulated scores are exchangeable as well.

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/error.hpp"
#include "networks/agent/rules/features.hpp"
#include "networks/agent/selection/selection_policy.hpp"

namespace ranvier::agent {
namespace {

struct Parameters {
  double alpha = 0.1;
  std::int64_t checkpoints = 4;
  std::int64_t set_size = 1;
  int nonconformity = 0;

  static std::vector<Field<Parameters>> fields() {
    return {real("alpha", &Parameters::alpha, "",
                 {.lower = 0.0, .upper = 1.0, .lower_open = true, .upper_open = true},
                 "share of the answers whose set may miss the truth"),
            integer("checkpoints", &Parameters::checkpoints, at_least_one,
                    "how often a run is looked at, at equal distances; the fewer the smaller sets"),
            integer("set_size", &Parameters::set_size, at_least_one,
                    "largest set of classes that is an answer"),
            choice("nonconformity", &Parameters::nonconformity, {"global", "local"},
                   "how little a class fits: -ln of its softmax, or the time minus its score")};
  }
};

class ConformalScore final : public ExitScore {
 public:
  explicit ConformalScore(const Parameters& parameters) : parameters_(parameters) {}

  std::unique_ptr<ExitScore> clone() const override {
    return std::make_unique<ConformalScore>(*this);
  }
  bool ready() const override { return !steps_.empty(); }

  void fit(const TraceView& held_out) override {
    require_steps(held_out, "conformal");
    const auto rank = rank_of(held_out.samples());
    set_checkpoints(held_out.points(0));
    quantiles_.clear();
    for (const auto step : steps_) {
      std::vector<double> of_truth;
      for (std::size_t i = 0; i < held_out.samples(); ++i) {
        of_truth.push_back(nonconformities(held_out.scores(i, step - 1),
                                           static_cast<double>(step))[held_out.label(i)]);
      }
      const auto place = of_truth.begin() + static_cast<std::ptrdiff_t>(rank - 1);
      std::ranges::nth_element(of_truth, place);
      quantiles_.push_back(*place);
    }
  }

  void reset() override { set_.reset(); }

  void observe(const DecisionPoint& point) override {
    const auto found = std::ranges::find(steps_, point.decision);
    if (found == steps_.end()) {
      value_ = -static_cast<double>(point.scores.size() + 1);
      return;
    }
    const double quantile = quantiles_[static_cast<std::size_t>(found - steps_.begin())];
    const auto s = nonconformities(point.scores, point.time);
    set_.emplace();
    for (std::size_t k = 0; k < s.size(); ++k) {
      if (s[k] <= quantile) set_->push_back(k);
    }
    value_ = -static_cast<double>(set_->size());
  }

  double value() const override { return value_; }
  double ceiling() const override { return 0.0; }
  std::optional<std::vector<std::size_t>> answer_set() const override { return set_; }

  std::vector<Finding> findings() const override {
    return {{"checkpoints", {steps_.begin(), steps_.end()}}, {"quantiles", quantiles_}};
  }

 private:
  /// Which of the sorted held-out scores is the quantile.
  std::size_t rank_of(std::size_t samples) const {
    const double level = 1.0 - parameters_.alpha / static_cast<double>(parameters_.checkpoints);
    const double rank = std::ceil(level * static_cast<double>(samples + 1) - 1e-9);
    if (rank <= static_cast<double>(samples)) return static_cast<std::size_t>(rank);
    throw InvalidValue(fmt::format(
        "alpha {} at {} checkpoints excludes nothing with {} held-out samples; expected at least "
        "{:.0f} samples",
        parameters_.alpha, parameters_.checkpoints, samples,
        std::ceil(static_cast<double>(parameters_.checkpoints) / parameters_.alpha - 1.0 - 1e-9)));
  }

  void set_checkpoints(std::size_t steps) {
    const auto count = static_cast<std::size_t>(parameters_.checkpoints);
    if (count > steps) {
      throw InvalidValue(fmt::format(
          "the exit rule conformal has {} checkpoints in a run of {} steps; expected at most {}",
          count, steps, steps));
    }
    steps_.clear();
    for (std::size_t c = 1; c <= count; ++c) steps_.push_back(c * steps / count);
  }

  std::vector<double> nonconformities(std::span<const double> scores, double time) const {
    std::vector<double> s(scores.size());
    if (parameters_.nonconformity == 1) {
      for (std::size_t k = 0; k < s.size(); ++k) s[k] = time - scores[k];
      return s;
    }
    const double top = *std::ranges::max_element(scores);
    double mass = 0.0;
    for (const double z : scores) mass += std::exp(z - top);
    for (std::size_t k = 0; k < s.size(); ++k) s[k] = top - scores[k] + std::log(mass);
    return s;
  }

  Parameters parameters_;
  std::vector<std::size_t> steps_;  ///< the checkpoints, counted from 1
  std::vector<double> quantiles_;
  std::optional<std::vector<std::size_t>> set_;
  double value_ = 0.0;
};

ExitRuleParts parts(const Parameters& p) {
  // At most I is less than I + 1/2.
  return assembled(std::make_unique<ConformalScore>(p),
                   given(-static_cast<double>(p.set_size) - 0.5), 0);
}

[[maybe_unused]] const auto& registered = add_exit_rule<Parameters>(
    "conformal", "few enough classes left that cannot be excluded at a level of confidence",
    "Chen, Park & Simeone 2023, arXiv:2305.11322", parts);

}  // namespace
}  // namespace ranvier::agent
