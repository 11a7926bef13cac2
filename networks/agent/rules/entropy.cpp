/// Normalised entropy, DT-SNN:
///
///     H_t = -1/ln K sum_k p_k ln p_k,  p = softmax(z_t) or softmax(z_t / t);   stop at 1 - H_t >
///     threshold
///
/// The paper has the mean of the output up to t, its released program the sum; both are offered.
///
/// Source: Y. Li et al., "Input-Aware Dynamic Timestep Spiking Neural Networks for Efficient
/// In-Memory Computing", DAC 2023, arXiv:2305.17346; its abstract and its program.

#include <algorithm>
#include <cmath>

#include "networks/agent/rules/features.hpp"
#include "networks/agent/selection/selection_policy.hpp"

namespace ranvier::agent {
namespace {

enum class Output { sum, mean };

struct Parameters : ThresholdParameters {
  Parameters() { threshold = 0.9; }
  int output = static_cast<int>(Output::sum);

  static std::vector<Field<Parameters>> fields() {
    auto fields = threshold_fields<Parameters>({.lower = 0.0, .upper = 1.0},
                                               "1 - normalised entropy above which the run stops");
    fields.push_back(choice<Parameters>(
        "output", &Parameters::output, {"sum", "mean"},
        "whose entropy: the accumulated scores or their mean over the steps so far"));
    return fields;
  }
};

class EntropyScore final : public ExitScore {
 public:
  explicit EntropyScore(Output output) : output_(output) {}

  std::unique_ptr<ExitScore> clone() const override {
    return std::make_unique<EntropyScore>(*this);
  }
  void observe(const DecisionPoint& point) override {
    const double divisor = output_ == Output::mean ? std::max(point.time, 1e-9) : 1.0;
    probabilities_.resize(point.scores.size());
    softmax(point.scores, divisor, probabilities_);
    const double most = std::log(static_cast<double>(probabilities_.size()));
    // Rounding may carry the entropy of a tie a little above its bound.
    value_ = std::max(0.0, 1.0 - entropy(probabilities_) / most);
  }
  double value() const override { return value_; }
  double ceiling() const override { return 1.0; }

 private:
  Output output_;
  std::vector<double> probabilities_;
  double value_ = 0.0;
};

ExitRuleParts parts(const Parameters& p) {
  return assembled(std::make_unique<EntropyScore>(static_cast<Output>(p.output)), selected(p),
                   p.max_steps);
}

[[maybe_unused]] const auto& registered =
    add_exit_rule<Parameters>("entropy", "small entropy of the softmax of the scores",
                              "Li et al. 2023, DAC, arXiv:2305.17346", parts);

}  // namespace
}  // namespace ranvier::agent
