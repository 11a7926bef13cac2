/// Patience: the answer has been the same for m decisions in a row. Needs neither a softmax nor a
/// threshold in the unit of the scores, and is hard to beat.
///
///     run_t = run_(t-1) + 1 where the answer is that of t-1, otherwise 1;   stop at run_t >= m
///
/// Source: W. Zhou et al., "BERT Loses Patience", NeurIPS 2020, arXiv:2006.04152, over layers; over
/// time steps it is the obvious baseline.

#include "networks/agent/rules/run_length.hpp"
#include "networks/agent/selection/selection_policy.hpp"

namespace ranvier::agent {
namespace {

struct Parameters : SelectionParameters {
  std::int64_t decisions = 0;

  static std::vector<Field<Parameters>> fields() {
    auto fields = selection_fields<Parameters>();
    fields.push_back(integer<Parameters>(
        "decisions", &Parameters::decisions, non_negative,
        "decisions in a row with the same answer after which the run stops; 0: as selection says"));
    return fields;
  }
};

class PatienceScore final : public ExitScore {
 public:
  std::unique_ptr<ExitScore> clone() const override {
    return std::make_unique<PatienceScore>(*this);
  }
  void reset() override { run_.reset(); }
  void observe(const DecisionPoint& point) override { run_.observe(point.leader.best); }
  double value() const override { return static_cast<double>(run_.length()); }

 private:
  RunLength run_;
};

ExitRuleParts parts(const Parameters& p) {
  // At least m is more than m - 1/2.
  auto source = p.decisions > 0 ? given(static_cast<double>(p.decisions) - 0.5) : selected(p);
  return assembled(std::make_unique<PatienceScore>(), std::move(source), p.max_steps);
}

[[maybe_unused]] const auto& registered =
    add_exit_rule<Parameters>("patience", "the same answer for several decisions in a row",
                              "after Zhou et al. 2020, NeurIPS, arXiv:2006.04152", parts);

}  // namespace
}  // namespace ranvier::agent
