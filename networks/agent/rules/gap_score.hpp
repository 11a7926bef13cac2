#pragma once

/// The lead of the best class over the next, z_(1) - z_(2).

#include "networks/agent/exit_rule.hpp"

namespace ranvier::agent {

class GapScore final : public ExitScore {
 public:
  std::unique_ptr<ExitScore> clone() const override { return std::make_unique<GapScore>(*this); }
  void observe(const DecisionPoint& point) override { gap_ = point.leader.gap; }
  double value() const override { return gap_; }

 private:
  double gap_ = 0.0;
};

}  // namespace ranvier::agent
