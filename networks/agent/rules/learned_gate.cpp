/// Learned gates, the gate part of JEI-DNN with the network frozen: at every step t a logistic unit
/// g_t on features of the scores, trained to open where going on does not pay. With cost c_t = t/T
/// and CE_t = -ln softmax(z_t / a_t)_y,
///
///     t* = argmin_t [ CE_t + cost c_t ];   target of gate t is 1 for t >= t*, otherwise 0
///     P_t = max(0, min(g_t, 1 - sum_{s<t} g_s)),   alpha_t = clip(P_t / prod_{s<t} (1 - alpha_s))
///     stop at the first alpha_t >= 1/2
///
/// under binary cross-entropy, ones weighted by min((N - n_t) / n_t, 5) with n_t the samples whose
/// t* is t. a_t is fitted at every step; the run length of the answer and two more features are
/// added to those of the source, t itself is not needed where every step has a gate of its own.
///
/// Source: F. Regol, J. Chataoui, M. Coates, "Jointly-Learned Exit and Inference for a Dynamic
/// Neural Network", ICLR 2024, arXiv:2310.09163; equations as in its released program.

#include <algorithm>
#include <array>
#include <cmath>

#include "networks/agent/calibration/smoothing.hpp"
#include "networks/agent/rules/features.hpp"
#include "networks/agent/rules/linear_model.hpp"
#include "networks/agent/selection/selection_policy.hpp"

namespace ranvier::agent {
namespace {

struct Parameters : SelectionParameters {
  Parameters() { selection = static_cast<int>(ThresholdFrom::fixed); }
  double cost = 0.5;

  static std::vector<Field<Parameters>> fields() {
    auto fields = selection_fields<Parameters>(
        OwnSelection{"gate", "or where the gate is as likely open as not"});
    fields.push_back(real<Parameters>(
        "cost", &Parameters::cost, "", non_negative,
        "of a whole run, in nats of cross-entropy; the source goes from 0.01 to 7"));
    return fields;
  }
};

/// For each sample the step, from 0, of the smallest loss with its cost.
std::vector<std::size_t> best_steps(const TraceView& trace, const Smoothing& smoothing,
                                    double cost) {
  const auto steps = trace.points(0);
  std::vector<std::size_t> best(trace.samples());
  for (std::size_t i = 0; i < trace.samples(); ++i) {
    double smallest = 0.0;
    for (std::size_t t = 0; t < steps; ++t) {
      const LabelledScores row{trace.scores(i, t), trace.label(i)};
      const double loss = likelihood({&row, 1}, 1.0 / smoothing.at(t + 1, trace.time(i, t))).nll +
                          cost * static_cast<double>(t + 1) / static_cast<double>(steps);
      if (t > 0 && loss >= smallest) continue;
      smallest = loss;
      best[i] = t;
    }
  }
  return best;
}

class GateScore final : public ExitScore {
 public:
  explicit GateScore(double cost) : cost_(cost) {}

  std::unique_ptr<ExitScore> clone() const override { return std::make_unique<GateScore>(*this); }
  bool ready() const override { return ready_; }

  void fit(const TraceView& held_out) override {
    require_steps(held_out, "learned_gate");
    smoothing_ = fit_smoothing(
        held_out, {.temperature_fit = static_cast<int>(TemperatureFrom::fit_each_step)});
    const auto best = best_steps(held_out, smoothing_, cost_);
    const auto rows = static_cast<Eigen::Index>(held_out.samples());
    std::vector<Eigen::MatrixXd> features(held_out.points(0),
                                          Eigen::MatrixXd(rows, Eigen::Index(feature_count)));
    for_each_point(
        held_out, [&](std::size_t i, std::size_t t, const DecisionPoint& point, std::size_t run) {
          std::array<double, feature_count> u{};
          features_of(point, smoothing_.at(t + 1, point.time), run, u);
          features[t].row(static_cast<Eigen::Index>(i)) =
              Eigen::Map<const Eigen::RowVectorXd>(u.data(), Eigen::Index(feature_count));
        });
    gates_.clear();
    for (std::size_t t = 0; t + 1 < features.size(); ++t) {
      gates_.push_back(gate_of(features[t], best, t));
    }
    ready_ = true;
  }

  void reset() override {
    run_.reset();
    opened_ = 0.0;
    staying_ = 1.0;
  }

  void observe(const DecisionPoint& point) override {
    const auto run = run_.observe(point.leader.best);
    if (point.decision > gates_.size()) {  // the last step answers
      value_ = 1.0;
      return;
    }
    std::array<double, feature_count> u{};
    features_of(point, smoothing_.at(point.decision, point.time), run, u);
    const double gate = sigmoid(gates_[point.decision - 1].at(u));
    const double leaving = std::max(0.0, std::min(gate, 1.0 - opened_));
    value_ = staying_ > 0.0 ? std::clamp(leaving / staying_, 0.0, 1.0) : 1.0;
    opened_ += gate;
    staying_ *= 1.0 - value_;
  }

  double value() const override { return value_; }
  double ceiling() const override { return 1.0; }
  std::vector<Finding> findings() const override { return {{"temperatures", smoothing_.values()}}; }

 private:
  static LinearModel gate_of(const Eigen::MatrixXd& features, const std::vector<std::size_t>& best,
                             std::size_t step) {
    const auto rows = features.rows();
    const double samples = static_cast<double>(rows);
    const double here = static_cast<double>(std::ranges::count(best, step));
    const double emphasis = here > 0.0 ? std::min((samples - here) / here, 5.0) : 5.0;
    Eigen::VectorXd targets(rows), weights(rows);
    for (Eigen::Index i = 0; i < rows; ++i) {
      const bool stop = step >= best[static_cast<std::size_t>(i)];
      targets[i] = stop ? 1.0 : 0.0;
      // Where every sample is best here nothing is left to be weighed against.
      weights[i] = stop && emphasis > 0.0 ? emphasis : 1.0;
    }
    return logistic_regression(features, targets, weights);
  }

  double cost_;
  Smoothing smoothing_;
  std::vector<LinearModel> gates_;  ///< of all steps but the last
  bool ready_ = false;

  RunLength run_;
  double opened_ = 0.0;   ///< sum of the gates so far
  double staying_ = 1.0;  ///< product of 1 - alpha so far
  double value_ = 0.0;
};

ExitRuleParts parts(const Parameters& p) {
  const bool by_gate = static_cast<ThresholdFrom>(p.selection) == ThresholdFrom::fixed;
  // At least 1/2 is more than the number just below it.
  auto source = by_gate ? given(std::nextafter(0.5, 0.0)) : selected(p);
  return assembled(std::make_unique<GateScore>(p.cost), std::move(source), p.max_steps);
}

[[maybe_unused]] const auto& registered = add_exit_rule<Parameters>(
    "learned_gate", "a logistic unit per step, trained to open where going on does not pay",
    "Regol, Chataoui & Coates 2024, ICLR, arXiv:2310.09163", parts);

}  // namespace
}  // namespace ranvier::agent
