#include "networks/agent/exit_rule.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "core/error.hpp"

namespace ranvier::agent {
namespace {

std::vector<double> at(std::span<const double> column, std::span<const std::size_t> rows) {
  std::vector<double> values;
  for (const auto row : rows) values.push_back(column[row]);
  return values;
}

std::vector<std::uint8_t> at(std::span<const std::uint8_t> column,
                             std::span<const std::size_t> rows) {
  std::vector<std::uint8_t> values;
  for (const auto row : rows) values.push_back(column[row]);
  return values;
}

}  // namespace

double ExitScore::ceiling() const { return std::numeric_limits<double>::infinity(); }

ExitRule::ExitRule(ExitRuleParts parts)
    : name_(std::move(parts.name)),
      score_(std::move(parts.score)),
      thresholds_(std::move(parts.thresholds)),
      choose_(std::move(parts.choose)),
      max_steps_(parts.max_steps) {}

ExitRule::ExitRule(const ExitRule& other)
    : name_(other.name_),
      score_(other.score_->clone()),
      thresholds_(other.thresholds_),
      choose_(other.choose_),
      max_steps_(other.max_steps_),
      probability_(other.probability_),
      held_out_(other.held_out_),
      decisions_(other.decisions_),
      time_(other.time_),
      leader_(other.leader_) {}

ExitRule& ExitRule::operator=(const ExitRule& other) {
  if (this != &other) *this = ExitRule(other);
  return *this;
}

void ExitRule::fit(const TraceView& held_out) {
  const auto seen = max_steps_ > 0 ? held_out.first_steps(max_steps_) : held_out;
  auto variants = score_->variants(seen);
  if (variants.empty()) {
    variants.push_back(score_->clone());
    variants.back()->fit(seen);
  }
  // On copies, so that a condition that cannot be met leaves the rule as it was.
  std::optional<ExitRule> quickest;
  for (auto& variant : variants) {
    ExitRule candidate(*this);
    candidate.score_ = std::move(variant);
    candidate.choose_thresholds(seen);
    if (quickest && candidate.held_out_->latency >= quickest->held_out_->latency) continue;
    quickest = std::move(candidate);
  }
  *this = std::move(*quickest);
  reset();
}

void ExitRule::choose_thresholds(const TraceView& held_out) {
  const auto decisions = scored(held_out);
  if (choose_) thresholds_ = choose_(held_out, decisions);
  for (auto& threshold : thresholds_) threshold = std::min(threshold, score_->ceiling());
  const auto rows = stops(decisions);
  held_out_ = {.accuracy = accuracy(decisions, rows),
               .latency = mean_latency(decisions, rows),
               .final_accuracy = final_accuracy(decisions),
               .horizon = decisions.horizon};
  probability_ = ExitProbability(at(decisions.time, rows), at(decisions.score, rows),
                                 at(decisions.correct, rows));
}

void ExitRule::reset() {
  score_->reset();
  decisions_ = 0;
  time_ = 0.0;
  leader_ = {};
}

bool ExitRule::stop(double time, std::span<const double> scores) {
  if (!ready()) {
    throw InvalidValue(fmt::format(
        "the exit rule {} was asked to decide before it was fitted to held-out data", name_));
  }
  leader_ = leader(scores);
  time_ = time;
  ++decisions_;
  score_->observe({decisions_, time, scores, leader_});
  const bool forced = max_steps_ > 0 && decisions_ >= max_steps_;
  return forced || score_->exceeds(threshold(decisions_));
}

std::vector<std::size_t> ExitRule::answer_set() const {
  if (decisions_ > 0) {
    if (auto set = score_->answer_set()) return *std::move(set);
  }
  return {leader_.best};
}

double ExitRule::score() const { return decisions_ == 0 ? 0.0 : score_->value(); }

std::optional<double> ExitRule::probability() const {
  if (decisions_ == 0 || !probability_) return std::nullopt;
  return probability_->at(time_, score_->value());
}

double ExitRule::threshold(std::size_t decision) const {
  return thresholds_[std::min(decision, thresholds_.size()) - 1];
}

std::vector<Finding> ExitRule::findings() const {
  auto findings = score_->findings();
  findings.push_back({thresholds_.size() > 1 ? "thresholds" : "threshold", thresholds_});
  return findings;
}

Decisions ExitRule::scored(const TraceView& trace) const {
  const auto score = score_->clone();
  Decisions result;
  result.horizon = trace.horizon();
  result.stepped = trace.stepped();
  result.scores_are_probabilities = score->is_probability();
  for (std::size_t i = 0; i < trace.samples(); ++i) {
    score->reset();
    for (std::size_t k = 0; k < trace.points(i); ++k) {
      const auto scores = trace.scores(i, k);
      const auto lead = leader(scores);
      score->observe({k + 1, trace.time(i, k), scores, lead});
      result.add_point(trace.time(i, k), score->value(), lead.best == trace.label(i));
      if (trace.has_events()) result.events.push_back(trace.events(i, k));
    }
    result.end_sample(trace.label(i) == 0);
  }
  return result;
}

std::vector<std::size_t> ExitRule::stops(const Decisions& decisions) const {
  std::vector<std::size_t> result(decisions.samples());
  for (std::size_t i = 0; i < result.size(); ++i) {
    const auto first = decisions.first[i];
    auto last = decisions.last(i);
    if (max_steps_ > 0) last = std::min(last, first + max_steps_ - 1);
    auto row = first;
    while (row < last && !(decisions.score[row] > threshold(row - first + 1))) ++row;
    result[i] = row;
  }
  return result;
}

Registry<ExitRuleKind>& exit_rules() {
  static Registry<ExitRuleKind> registry("exit rule");
  return registry;
}

ExitRule exit_rule(const std::string& name, const ValueMap& parameters) {
  return exit_rules().at(name).make(parameters);
}

}  // namespace ranvier::agent
