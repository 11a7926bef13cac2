/// Optimal stopping by backward regression: with a price per step, stop where answering now is
/// expected to be worth at least as much as going on and stopping well later,
///
///     V_T = eta_T,   V_t = max{ eta_t, E[V_(t+1)] - price }
///
/// eta_t the probability of being right at t. From the last step backwards both sides are regressed
/// on features of the held-out runs: M[i,t], and what going on brought, M[i,tau_i(t+1)] - price
/// (tau_i(t+1) - t), with tau_i(t+1) where the rule fitted so far would stop.
///
/// Source: derived from the cascade theory of W. Jitkrittum et al., arXiv:2307.02764; the regression
/// is that of F. Longstaff, E. Schwartz, Rev. Financ. Stud. 14:113 (2001).

#include <array>
#include <cmath>
#include <limits>

#include "networks/agent/calibration/smoothing.hpp"
#include "networks/agent/rules/features.hpp"
#include "networks/agent/rules/linear_model.hpp"
#include "networks/agent/selection/selection_policy.hpp"

namespace ranvier::agent {
namespace {

struct Parameters : SelectionParameters {
  Parameters() { selection = static_cast<int>(ThresholdFrom::fixed); }
  double step_price = 0.002;

  static std::vector<Field<Parameters>> fields() {
    auto fields = selection_fields<Parameters>(
        OwnSelection{"value", "or where going on is expected to bring no more than its price"});
    fields.push_back(real<Parameters>(
        "step_price", &Parameters::step_price, "", non_negative,
        "accuracy a further step has to bring in the backward regression; 0.002 is 0.2 points"));
    return fields;
  }
};

/// The features and their squares.
constexpr std::size_t regressors = 2 * feature_count;
using Regressors = std::array<double, regressors>;

Regressors regressors_of(const DecisionPoint& point, double temperature, std::size_t run) {
  Regressors u{};
  features_of(point, temperature, run, std::span(u).first(feature_count));
  for (std::size_t f = 0; f < feature_count; ++f) u[feature_count + f] = u[f] * u[f];
  return u;
}

class StoppingScore final : public ExitScore {
 public:
  explicit StoppingScore(double price) : price_(price) {}

  std::unique_ptr<ExitScore> clone() const override {
    return std::make_unique<StoppingScore>(*this);
  }
  bool ready() const override { return ready_; }

  void fit(const TraceView& held_out) override {
    require_steps(held_out, "optimal_stopping");
    smoothing_ = fit_smoothing(
        held_out, {.temperature_fit = static_cast<int>(TemperatureFrom::fit_each_step)});
    const auto steps = held_out.points(0);
    const auto rows = static_cast<Eigen::Index>(held_out.samples());
    std::vector<Eigen::MatrixXd> features(steps, Eigen::MatrixXd(rows, Eigen::Index(regressors)));
    Eigen::MatrixXd right(rows, static_cast<Eigen::Index>(steps));
    for_each_point(held_out, [&](std::size_t i, std::size_t t, const DecisionPoint& point,
                                 std::size_t run) {
      const auto row = static_cast<Eigen::Index>(i);
      const auto u = regressors_of(point, smoothing_.at(t + 1, point.time), run);
      features[t].row(row) =
          Eigen::Map<const Eigen::RowVectorXd>(u.data(), Eigen::Index(regressors));
      right(row, static_cast<Eigen::Index>(t)) = point.leader.best == held_out.label(i) ? 1.0 : 0.0;
    });

    // What a sample brings that is still running after step t, the price of steps up to t aside.
    Eigen::VectorXd later = right.col(static_cast<Eigen::Index>(steps) - 1);
    now_.assign(steps - 1, {});
    later_.assign(steps - 1, {});
    for (std::size_t t = steps - 1; t-- > 0;) {
      later.array() -= price_;
      const Eigen::VectorXd here = right.col(static_cast<Eigen::Index>(t));
      now_[t] = least_squares(features[t], here);
      later_[t] = least_squares(features[t], later);
      for (Eigen::Index i = 0; i < rows; ++i) {
        const Eigen::VectorXd u = features[t].row(i);
        const std::span<const double> seen(u.data(), regressors);
        if (now_[t].at(seen) >= later_[t].at(seen)) later[i] = here[i];
      }
    }
    ready_ = true;
  }

  void reset() override { run_.reset(); }

  void observe(const DecisionPoint& point) override {
    const auto run = run_.observe(point.leader.best);
    if (point.decision > now_.size()) {  // nothing comes after the last step
      value_ = 0.0;
      return;
    }
    const auto u = regressors_of(point, smoothing_.at(point.decision, point.time), run);
    value_ = now_[point.decision - 1].at(u) - later_[point.decision - 1].at(u);
  }

  double value() const override { return value_; }
  std::vector<Finding> findings() const override { return {{"temperatures", smoothing_.values()}}; }

 private:
  double price_;
  Smoothing smoothing_;
  std::vector<LinearModel> now_, later_;  ///< of all steps but the last
  bool ready_ = false;
  RunLength run_;
  double value_ = 0.0;
};

ExitRuleParts parts(const Parameters& p) {
  const bool by_value = static_cast<ThresholdFrom>(p.selection) == ThresholdFrom::fixed;
  // At least 0 is more than the number just below it.
  auto source = by_value ? given(-std::numeric_limits<double>::denorm_min()) : selected(p);
  return assembled(std::make_unique<StoppingScore>(p.step_price), std::move(source), p.max_steps);
}

[[maybe_unused]] const auto& registered = add_exit_rule<Parameters>(
    "optimal_stopping", "backward regression of what answering now and going on are worth",
    "after Jitkrittum et al. 2023, arXiv:2307.02764, and Longstaff & Schwartz 2001", parts);

}  // namespace
}  // namespace ranvier::agent
