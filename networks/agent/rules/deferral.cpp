/// Deferral: stop where answering at the end is not expected to be better. At every step a regressor
/// g_t of least squares estimates, from the sorted probabilities and their entropy, what the run to
/// the end T would add,
///
///     diff_01:    1[yhat_T = y] - 1[yhat_t = y]
///     diff_prob:  p_T(y) - p_t(y)
///     max_prob:   max_k p_T(k), from which max_k p_t(k) is then taken
///
/// and the run stops at the first g_t <= c. Confidence alone asks whether the present answer is
/// right; this asks whether a later one is likelier so.
///
/// Source: W. Jitkrittum et al., "When Does Confidence-Based Cascade Deferral Suffice?", NeurIPS
/// 2023, arXiv:2307.02764. The names of the targets are recalled, not verified; the optimal rule they
/// estimate, 1[eta_T - eta_t > c], is the source's for two models. Several steps each compared with
/// the last is our extension.

#include <algorithm>
#include <array>
#include <cmath>

#include "networks/agent/calibration/smoothing.hpp"
#include "networks/agent/rules/features.hpp"
#include "networks/agent/rules/linear_model.hpp"
#include "networks/agent/selection/selection_policy.hpp"

namespace ranvier::agent {
namespace {

enum class Target { diff_01, diff_prob, max_prob };

struct Parameters : SelectionParameters {
  int target = static_cast<int>(Target::diff_01);
  double cost = 0.0;

  static std::vector<Field<Parameters>> fields() {
    auto fields = selection_fields<Parameters>(
        OwnSelection{"cost", "or where the end is expected to add no more than cost"});
    fields.push_back(choice<Parameters>("target", &Parameters::target,
                                        {"diff_01", "diff_prob", "max_prob"},
                                        "what the regressors estimate of the end of the run"));
    fields.push_back(real<Parameters>(
        "cost", &Parameters::cost, "", any_real,
        "gain by running to the end that does not pay, used where selection is cost"));
    return fields;
  }
};

class DeferralScore final : public ExitScore {
 public:
  explicit DeferralScore(Target target) : target_(target) {}

  std::unique_ptr<ExitScore> clone() const override {
    return std::make_unique<DeferralScore>(*this);
  }
  bool ready() const override { return ready_; }

  void fit(const TraceView& held_out) override {
    require_steps(held_out, "deferral");
    smoothing_ = fit_smoothing(
        held_out, {.temperature_fit = static_cast<int>(TemperatureFrom::fit_each_step)});
    const auto steps = held_out.points(0);
    const auto rows = static_cast<Eigen::Index>(held_out.samples());
    models_.clear();
    for (std::size_t t = 0; t + 1 < steps; ++t) {
      Eigen::MatrixXd features(rows, Eigen::Index(seen));
      Eigen::VectorXd targets(rows);
      for (std::size_t i = 0; i < held_out.samples(); ++i) {
        const auto now = probabilities(held_out, i, t), end = probabilities(held_out, i, steps - 1);
        const auto u = seen_of(now);
        for (std::size_t f = 0; f < seen; ++f) {
          features(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(f)) = u[f];
        }
        targets[static_cast<Eigen::Index>(i)] = target_of(now, end, held_out.label(i));
      }
      models_.push_back(least_squares(features, targets));
    }
    ready_ = true;
  }

  void observe(const DecisionPoint& point) override {
    if (point.decision > models_.size()) {  // the end itself has nothing to add
      value_ = 0.0;
      return;
    }
    std::vector<double> p(point.scores.size());
    softmax(point.scores, smoothing_.at(point.decision, point.time), p);
    const auto u = seen_of(p);
    const double estimate = models_[point.decision - 1].at(u);
    value_ = target_ == Target::max_prob ? u.front() - estimate : -estimate;
  }

  double value() const override { return value_; }
  std::vector<Finding> findings() const override { return {{"temperatures", smoothing_.values()}}; }

 private:
  static constexpr std::size_t seen = 4;

  /// The three largest probabilities and the entropy.
  static std::array<double, seen> seen_of(std::vector<double> p) {
    std::array<double, seen> u{};
    u[3] = entropy(p);
    const auto top = std::min<std::size_t>(3, p.size());
    std::partial_sort(p.begin(), p.begin() + static_cast<std::ptrdiff_t>(top), p.end(),
                      std::greater<>());
    std::copy_n(p.begin(), top, u.begin());
    return u;
  }

  std::vector<double> probabilities(const TraceView& trace, std::size_t sample,
                                    std::size_t step) const {
    std::vector<double> p(trace.classes());
    softmax(trace.scores(sample, step), smoothing_.at(step + 1, trace.time(sample, step)), p);
    return p;
  }

  double target_of(const std::vector<double>& now, const std::vector<double>& end,
                   std::size_t label) const {
    switch (target_) {
      case Target::diff_01:
        return (argmax(end) == label ? 1.0 : 0.0) - (argmax(now) == label ? 1.0 : 0.0);
      case Target::diff_prob: return end[label] - now[label];
      case Target::max_prob: break;
    }
    return *std::ranges::max_element(end);
  }

  Target target_;
  Smoothing smoothing_;
  std::vector<LinearModel> models_;  ///< of all steps but the last
  bool ready_ = false;
  double value_ = 0.0;
};

ExitRuleParts parts(const Parameters& p) {
  const bool by_cost = static_cast<ThresholdFrom>(p.selection) == ThresholdFrom::fixed;
  auto source = by_cost ? given(std::nextafter(-p.cost, -1e300)) : selected(p);
  return assembled(std::make_unique<DeferralScore>(static_cast<Target>(p.target)),
                   std::move(source), p.max_steps);
}

[[maybe_unused]] const auto& registered = add_exit_rule<Parameters>(
    "deferral", "a regression per step of what running to the end would add",
    "Jitkrittum et al. 2023, NeurIPS, arXiv:2307.02764", parts);

}  // namespace
}  // namespace ranvier::agent
