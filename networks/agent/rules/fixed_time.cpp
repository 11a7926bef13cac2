/// Fixed time: every input is answered at the first decision at or after a common time. The baseline
/// of every other rule; with a selection it is the shortest window that keeps the accuracy.

#include <cmath>

#include "networks/agent/selection/selection_policy.hpp"

namespace ranvier::agent {
namespace {

struct Parameters : SelectionParameters {
  double time = 0.0;

  static std::vector<Field<Parameters>> fields() {
    auto fields = selection_fields<Parameters>();
    fields.push_back(real<Parameters>("time", &Parameters::time, "steps", non_negative,
                                      "when every input is answered; 0: as selection says"));
    return fields;
  }
};

class TimeScore final : public ExitScore {
 public:
  std::unique_ptr<ExitScore> clone() const override { return std::make_unique<TimeScore>(*this); }
  void observe(const DecisionPoint& point) override { time_ = point.time; }
  double value() const override { return time_; }

 private:
  double time_ = 0.0;
};

ExitRuleParts parts(const Parameters& p) {
  // At or after a time is later than the number just below it.
  auto source = p.time > 0.0 ? given(std::nextafter(p.time, 0.0)) : selected(p);
  return assembled(std::make_unique<TimeScore>(), std::move(source), p.max_steps);
}

[[maybe_unused]] const auto& registered =
    add_exit_rule<Parameters>("fixed_time", "every input is answered at the same time", "", parts);

}  // namespace
}  // namespace ranvier::agent
