/// What holds for every exit rule.

#include <cmath>
#include <limits>
#include <vector>

#include "core/error.hpp"
#include "networks/agent/calibration/temperature.hpp"
#include "networks/agent/evaluation/evaluate.hpp"
#include "networks/agent/evaluation/fixed_time.hpp"
#include "networks/agent/evaluation/oracle.hpp"
#include "tests/catch.hpp"
#include "tests/networks/exit_rules.hpp"

using namespace ranvier;
using namespace ranvier::agent;
using ranvier::test::as_events;
using ranvier::test::asked_until_stop;
using ranvier::test::fitted;
using ranvier::test::online_stops;
using ranvier::test::random_trace;

namespace {

std::string text(const char* value) { return value; }

/// Parameters under which a rule can be fitted to the traces here.
ValueMap usable(const std::string& name) {
  return name == "point_classifier" ? ValueMap{{"target_accuracy", 0.5}} : ValueMap{};
}

bool needs_steps(const std::string& name) {
  const std::vector<std::string> rules{"budgeted",     "conformal", "deferral",
                                       "learned_gate", "top_k_gap", "optimal_stopping"};
  return std::ranges::find(rules, name) != rules.end();
}

}  // namespace

TEST_CASE("the registry holds every rule of the page on agents") {
  const std::vector<std::string> expected{
      "budgeted",   "conformal",        "deferral", "dynamic_confidence", "entropy",
      "fixed_time", "learned_gate",     "margin",   "max_softmax",        "optimal_stopping",
      "patience",   "point_classifier", "top_k_gap"};
  REQUIRE(exit_rules().names() == expected);
}

TEST_CASE("online and offline stop every sample of every rule at the same point, equally sure") {
  const auto held_out = random_trace(9, 400, 31), test = random_trace(9, 150, 32);
  const TraceView view(test);
  for (const auto& [name, kind] : exit_rules()) {
    INFO(name);
    const auto values = usable(name);
    auto rule = fitted(name, values, held_out);
    const auto decisions = rule.scored(view);
    const auto rows = rule.stops(decisions);
    for (std::size_t i = 0; i < view.samples(); ++i) {
      const auto t = asked_until_stop(rule, view, i);
      REQUIRE(t == rows[i] - decisions.first[i]);
      REQUIRE(rule.score() == decisions.score[rows[i]]);
      REQUIRE((rule.prediction() == test.labels[i]) == (decisions.correct[rows[i]] != 0));
      REQUIRE(rule.probability() ==
              rule.exit_probability()->at(decisions.time[rows[i]], decisions.score[rows[i]]));
    }
  }
}

TEST_CASE("a rule that works on events gives the same there as on the steps they are made of") {
  const auto held_out = random_trace(7, 200, 33), test = random_trace(7, 100, 34);
  const auto held_out_events = as_events(held_out), test_events = as_events(test);
  for (const auto& [name, kind] : exit_rules()) {
    INFO(name);
    const auto values = usable(name);
    if (needs_steps(name)) {
      REQUIRE_THROWS_AS(fitted(name, values, held_out_events), Unsupported);
      continue;
    }
    const auto steps = fitted(name, values, held_out),
               events = fitted(name, values, held_out_events);
    const auto one = evaluate(steps, test), other = evaluate(events, test_events);
    REQUIRE(one.accuracy == other.accuracy);
    REQUIRE(one.mean_latency == other.mean_latency);
  }
}

TEST_CASE("no rule beats the first-correct oracle, answers before step 1 or after the last") {
  const auto held_out = random_trace(8, 300, 35), test = random_trace(8, 200, 36);
  const double bound = oracle(decisions_of(test, 1.0)).accuracy;
  for (const auto& [name, kind] : exit_rules()) {
    INFO(name);
    const auto values = usable(name);
    const auto result = fitted_and_judged(exit_rule(name, values), held_out, test);
    REQUIRE(result.test.accuracy <= bound);
    REQUIRE(result.test.mean_latency >= 1.0);
    REQUIRE(result.test.mean_latency <= 8.0);
    REQUIRE(result.test.calibrated_at_exit->ece <= 1.0);
    if (!result.curve) continue;
    REQUIRE(std::ranges::is_sorted(result.curve->points, {}, &ExitPoint::latency));
    REQUIRE(result.curve->points.front().latency == 1.0);
    REQUIRE(result.curve->points.back().latency == 8.0);
    REQUIRE(result.curve->points.back().accuracy == result.test.final_accuracy);
  }
}

TEST_CASE("every rule decides only when it is ready, and afresh after a reset") {
  const auto trace = random_trace(6, 300, 37);
  for (const auto& [name, kind] : exit_rules()) {
    INFO(name);
    const auto values = usable(name);
    auto rule = exit_rule(name, values);
    if (!rule.ready()) {
      REQUIRE_THROWS_WITH(rule.stop(1.0, std::vector{1.0, 0.0}), Catch::Contains("fitted"));
      REQUIRE_THROWS_AS(evaluate(rule, trace), InvalidValue);
    }
    rule.fit(trace);
    REQUIRE(rule.ready());
    const auto once = online_stops(rule, trace);
    auto reversed = trace;
    for (std::size_t t = 0; t < trace.steps; ++t) {
      for (std::size_t i = 0; i < trace.samples; ++i) {
        std::ranges::copy(trace.at(t, i), reversed.at(t, trace.samples - 1 - i).begin());
      }
    }
    auto other = online_stops(rule, reversed);
    std::ranges::reverse(other);
    REQUIRE(once == other);  // no sample depends on the one before it
  }
}

TEST_CASE("nothing after the exit of a sample matters to any rule") {
  const auto held_out = random_trace(9, 400, 51), test = random_trace(9, 150, 52);
  for (const auto& [name, kind] : exit_rules()) {
    INFO(name);
    const auto values = usable(name);
    const auto rule = fitted(name, values, held_out);
    const auto decisions = rule.scored(test);
    const auto rows = rule.stops(decisions);
    auto stale = test;
    for (std::size_t i = 0; i < test.samples; ++i) {
      for (std::size_t t = rows[i] - decisions.first[i] + 1; t < test.steps; ++t) {
        std::ranges::copy(test.at(0, (i + 1) % test.samples), stale.at(t, i).begin());
      }
    }
    const auto after = rule.scored(stale);
    REQUIRE(rule.stops(after) == rows);
    REQUIRE(accuracy(after, rows) == accuracy(decisions, rows));
  }
}

TEST_CASE("every selection of a threshold keeps its condition for every score that has one") {
  const auto trace = random_trace(9, 400, 38);
  for (const std::string name :
       {"dynamic_confidence", "max_softmax", "entropy", "margin", "patience", "fixed_time",
        "learned_gate", "deferral", "optimal_stopping"}) {
    INFO(name);
    const auto of = [&](ValueMap values) { return *fitted(name, values, trace).held_out(); };
    const auto plain = of({{"selection", text("plain")}, {"allowed_accuracy_loss", 0.01}});
    const auto safe = of({{"selection", text("safe")}, {"allowed_accuracy_loss", 0.01}});
    const auto paired = of({{"selection", text("paired")}, {"allowed_accuracy_loss", 0.01}});
    for (const auto& kept : {plain, safe, paired}) {
      REQUIRE(kept.accuracy >= kept.final_accuracy - 0.01 - 1e-9);
    }
    REQUIRE(plain.latency <= safe.latency);
    REQUIRE(plain.latency <= paired.latency);
    const auto quick = of({{"selection", text("latency")}, {"max_latency", 3.0}});
    REQUIRE(quick.latency <= 3.0);
    const auto free = of({{"selection", text("price")}, {"price", 0.0}});
    const auto dear = of({{"selection", text("price")}, {"price", 10.0}});
    REQUIRE(dear.latency == 1.0);
    REQUIRE(free.accuracy >= safe.accuracy);
    REQUIRE(free.accuracy >= quick.accuracy);
  }
}

TEST_CASE("a condition that cannot be met is refused with the nearest that can") {
  const auto trace = random_trace(6, 100, 39);
  REQUIRE_THROWS_WITH(
      fitted("margin", {{"selection", text("latency")}, {"max_latency", 0.5}}, trace),
      "a mean latency of 0.5 was asked for; the smallest possible is 1");
  auto refitted = fitted("margin", {{"selection", text("latency")}, {"max_latency", 3.0}}, trace);
  const auto before = refitted.thresholds();
  auto one_step = random_trace(1, 10, 40);
  one_step.events.clear();
  refitted.fit(one_step);
  REQUIRE(refitted.thresholds() != before);  // a fit replaces what was there
  const double best = evaluate(trace, 1.0, 1.0).final_accuracy;
  REQUIRE(best < 0.99);
  REQUIRE_THROWS_WITH(fitted("point_classifier", {{"target_accuracy", 0.999}}, trace),
                      Catch::Contains("target_accuracy of the exit rule point_classifier is 0.999; "
                                      "the highest that held-out data reach is"));
  REQUIRE_THROWS_WITH(fitted("conformal", {{"alpha", 0.01}}, trace),
                      "alpha 0.01 at 4 checkpoints excludes nothing with 100 held-out samples; "
                      "expected at least 399 samples");
  REQUIRE_THROWS_WITH(fitted("conformal", {{"checkpoints", std::int64_t{7}}}, trace),
                      Catch::Contains("in a run of 6 steps; expected at most 6"));
}
