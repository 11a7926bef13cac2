#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <vector>

#include "core/error.hpp"
#include "core/random.hpp"
#include "networks/agent/evaluation/evaluate.hpp"
#include "networks/agent/evaluation/fixed_time.hpp"
#include "networks/agent/evaluation/oracle.hpp"
#include "networks/agent/selection/exit_curve.hpp"
#include "networks/agent/selection/threshold_choice.hpp"
#include "tests/catch.hpp"
#include "tests/networks/exit_rules.hpp"

using namespace ranvier;
using namespace ranvier::agent;
using ranvier::test::as_events;
using ranvier::test::decide;
using ranvier::test::dynamic_confidence;
using ranvier::test::random_trace;

namespace {

constexpr std::size_t classes = 6;

/// As `random_trace`, observed at irregular times.
EventTrace random_events(std::size_t samples, std::uint64_t seed) {
  EventTrace trace(10.0, classes);
  for (std::size_t i = 0; i < samples; ++i) {
    auto draws = RandomStream(seed, Purpose::stimulus).at(static_cast<std::uint32_t>(i), 1);
    const auto label = static_cast<std::uint8_t>(draws.below(classes));
    trace.add_sample(label);
    std::vector<double> z(classes);
    for (double t = draws.exponential(); t < trace.horizon; t += draws.exponential()) {
      z[draws.below(classes)] += draws.normal();
      z[label] += 0.5;
      trace.add_point(t, z);
    }
    trace.add_point(trace.horizon, z);
  }
  return trace;
}

struct Outcome {
  double latency, accuracy;
};

/// The rule word for word, one threshold at a time.
Outcome brute_force(const Decisions& d, double theta) {
  Outcome sum{0.0, 0.0};
  for (std::size_t i = 0; i < d.samples(); ++i) {
    std::size_t row = d.first[i];
    while (row + 1 < d.first[i + 1] && d.score[row] <= theta) ++row;
    sum.latency += d.time[row] / static_cast<double>(d.samples());
    sum.accuracy += d.correct[row] / static_cast<double>(d.samples());
  }
  return sum;
}

void check_against_brute_force(const Decisions& d) {
  const auto curve = exit_curve(d);
  std::set<double> thresholds(d.score.begin(), d.score.end());
  for (const double c : d.score) thresholds.insert(std::nextafter(c, 0.0));
  thresholds.insert({1e-6, 1.0});
  for (const double theta : thresholds) {
    const auto truth = brute_force(d, theta);
    const auto& point = at_threshold(curve, theta);
    // Sums of at most a few thousand terms of order 10.
    REQUIRE(point.latency == Approx(truth.latency).epsilon(1e-12));
    REQUIRE(point.accuracy == Approx(truth.accuracy).epsilon(1e-12));
  }
}

}  // namespace

TEST_CASE("the exit curve agrees with trying every threshold") {
  check_against_brute_force(decisions_of(random_trace(9, 60, 1), 3.0));
  check_against_brute_force(decisions_of(random_trace(1, 20, 2), 3.0));
  check_against_brute_force(decisions_of(random_events(40, 3), 2.0));
}

TEST_CASE("the exit curve agrees with trying every threshold when confidences are tied") {
  auto trace = random_trace(8, 50, 4);
  for (auto& z : trace.scores) z = std::round(z);
  check_against_brute_force(decisions_of(trace, 2.0));
  check_against_brute_force(decisions_of(trace, 0.01));  // most saturate at exactly 1
}

TEST_CASE("latency never falls as the threshold rises") {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const auto curve = exit_curve(decisions_of(random_events(80, seed), 1.0));
    REQUIRE(std::ranges::is_sorted(curve.points, {}, &ExitPoint::threshold));
    REQUIRE(std::ranges::is_sorted(curve.points, {}, &ExitPoint::latency));
    REQUIRE(curve.points.back().latency == Approx(curve.horizon));
    REQUIRE(curve.points.back().accuracy == curve.final_accuracy);
  }
}

TEST_CASE("a threshold below 1/K answers at the first step and one of 1 at the last") {
  const auto trace = random_trace(7, 90, 5);
  const auto fixed = fixed_time_curve(decisions_of(trace, 4.0));
  const auto first = evaluate(trace, 4.0, 0.999 / classes);
  REQUIRE(first.mean_latency == 1.0);
  REQUIRE(first.accuracy == fixed.accuracy.front());
  const auto last = evaluate(trace, 4.0, 1.0);
  REQUIRE(last.mean_latency == 7.0);
  REQUIRE(last.accuracy == fixed.accuracy.back());
  REQUIRE(last.forced_share == 1.0);
}

TEST_CASE("no threshold beats the first-correct oracle or answers before the first step") {
  const auto d = decisions_of(random_trace(10, 200, 6), 2.0);
  const double bound = oracle(d).accuracy;
  for (const auto& point : exit_curve(d).points) {
    REQUIRE(point.accuracy <= bound + 1e-12);
    REQUIRE(point.latency >= 1.0);
  }
}

TEST_CASE("scaling scores and temperature together leaves every stopping point in place") {
  auto trace = random_trace(8, 60, 7);
  const auto before = exit_curve(decisions_of(trace, 3.0));
  for (auto& z : trace.scores) z *= 4.0;
  const auto after = exit_curve(decisions_of(trace, 12.0));
  REQUIRE(before.points.size() == after.points.size());
  for (std::size_t p = 0; p < before.points.size(); ++p) {
    REQUIRE(before.points[p].threshold == after.points[p].threshold);
    REQUIRE(before.points[p].latency == after.points[p].latency);
    REQUIRE(before.points[p].accuracy == after.points[p].accuracy);
  }
}

TEST_CASE("deciding online and evaluating offline stop every sample at the same point") {
  const auto trace = random_trace(12, 80, 8);
  const TraceView view(trace);
  for (const double a : {1.0, 4.0, 12.0}) {
    const auto d = decisions_of(view, a);
    std::vector<double> thresholds{0.1, 0.3, 0.6, 0.9, 0.999, 1.0};
    for (std::size_t row = 0; row < d.score.size(); row += 17) {
      thresholds.push_back(d.score[row]);
    }
    for (const double theta : thresholds) {
      const auto rows = stopping_points(d, theta);
      auto agent = dynamic_confidence(a, theta, static_cast<std::int64_t>(trace.steps));
      for (std::size_t i = 0; i < trace.samples; ++i) {
        agent.reset();
        std::size_t t = 0;
        while (!decide(agent, view.scores(i, t))) ++t;
        REQUIRE(t == rows[i] - d.first[i]);
        REQUIRE((agent.prediction() == trace.labels[i]) == (d.correct[rows[i]] != 0));
        REQUIRE(agent.score() == d.score[rows[i]]);
      }
    }
  }
}

TEST_CASE("a trace of steps and the same trace as events give the same evaluation") {
  const auto trace = random_trace(9, 70, 9);
  const auto events = as_events(trace);
  for (const double theta : {0.2, 0.5, 0.9}) {
    const auto one = evaluate(trace, 3.0, theta), other = evaluate(events, 3.0, theta);
    REQUIRE(one.accuracy == other.accuracy);
    REQUIRE(one.mean_latency == other.mean_latency);
    REQUIRE(one.median_latency == other.median_latency);
    REQUIRE(one.p95_latency == other.p95_latency);
    REQUIRE(one.mean_events == other.mean_events);
    REQUIRE(one.at_exit->ece == other.at_exit->ece);
    REQUIRE(one.forced_share == other.forced_share);
  }
  const auto a = oracle(decisions_of(trace, 1.0)), b = oracle(decisions_of(events, 1.0));
  REQUIRE(a.accuracy == b.accuracy);
  REQUIRE(a.average_earliest_time == b.average_earliest_time);
}

TEST_CASE("no point of the Pareto front is matched by a cheaper one, and none is missing") {
  const auto curve = exit_curve(decisions_of(random_trace(10, 150, 10), 2.0));
  const auto front = pareto_front(curve);
  const auto dominates = [](const ExitPoint& p, const ExitPoint& q) {
    return p.latency <= q.latency && p.accuracy >= q.accuracy &&
           (p.latency < q.latency || p.accuracy > q.accuracy);
  };
  for (const auto& q : front) {
    REQUIRE(std::ranges::none_of(curve.points, [&](const auto& p) { return dominates(p, q); }));
  }
  for (const auto& p : curve.points) {
    REQUIRE(std::ranges::any_of(
        front, [&](const auto& q) { return q.latency <= p.latency && q.accuracy >= p.accuracy; }));
  }
}

TEST_CASE("each selection is the cheapest threshold that meets its own condition") {
  const auto d = decisions_of(random_trace(10, 400, 12), 2.0);
  const auto curve = exit_curve(d);
  const double n = 400.0;
  for (const double loss : {0.0, 0.01, 0.05}) {
    const auto plain = choose_threshold(curve, Selection::plain, loss);
    const auto safe = choose_threshold(curve, Selection::safe, loss);
    const auto paired = choose_threshold(curve, Selection::paired, loss);
    const auto enough = [&](const ExitPoint& p) {
      return p.accuracy >= curve.final_accuracy - loss - 1e-9;
    };
    const auto proven = [&](const ExitPoint& p) {
      const auto rows = stopping_points(d, p.threshold);
      double sum = 0.0, squares = 0.0;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const double difference = d.correct[rows[i]] - d.correct[d.last(i)];
        sum += difference;
        squares += difference * difference;
      }
      const double sd = std::sqrt(squares / n - sum / n * (sum / n));
      return sum / n - 1.64 * sd / std::sqrt(n) >= -loss - 1e-9;
    };
    bool all_above = true, all_above_proven = true;
    for (auto p = curve.points.rbegin(); p != curve.points.rend(); ++p) {
      all_above = all_above && enough(*p);
      if (enough(*p)) REQUIRE(plain.calibration.latency <= p->latency);
      all_above_proven = all_above_proven && proven(*p);
      if (all_above_proven) REQUIRE(paired.calibration.latency <= p->latency);
      if (all_above) REQUIRE(safe.calibration.latency <= p->latency);
      if (p->threshold >= safe.threshold) REQUIRE(enough(*p));
      if (p->threshold >= paired.threshold) REQUIRE(proven(*p));
    }
    REQUIRE(enough(plain.calibration));
    REQUIRE(proven(paired.calibration));
    REQUIRE(plain.calibration.latency <= safe.calibration.latency);
    REQUIRE(evaluate(d, safe.threshold).mean_latency == Approx(safe.calibration.latency));
    REQUIRE(evaluate(d, safe.threshold).accuracy == Approx(safe.calibration.accuracy));
  }
}

TEST_CASE("a plain selection can be lucky where a safe one is not") {
  // One confident sample that stopping early saves, and one less confident that it spoils.
  Decisions d;
  d.horizon = 2.0;
  d.first = {0, 2, 4};
  d.time = {1, 2, 1, 2};
  d.score = {0.6, 0.9, 0.8, 0.9};
  d.correct = {1, 0, 0, 1};
  d.correct_unprompted = {0, 0};
  const auto curve = exit_curve(d);
  const auto plain = choose_threshold(curve, Selection::plain, 0.0);
  const auto safe = choose_threshold(curve, Selection::safe, 0.0);
  REQUIRE(plain.calibration.latency == 1.0);
  REQUIRE(plain.stops_early);
  REQUIRE(std::isinf(safe.threshold));
  REQUIRE_FALSE(safe.stops_early);
  REQUIRE(safe.calibration.latency == 2.0);
}

TEST_CASE("accuracy under a latency budget and at a price are the best of the whole curve") {
  const auto curve = exit_curve(decisions_of(random_trace(10, 120, 14), 2.0));
  for (const double budget : {1.0, 2.5, 6.0, 10.0}) {
    const auto chosen = most_accurate_within(curve, budget);
    REQUIRE(chosen.latency <= budget);
    for (const auto& p : curve.points) {
      if (p.latency <= budget) REQUIRE(p.accuracy <= chosen.accuracy);
    }
  }
  const auto chosen = best_at_price(curve, 0.02);
  for (const auto& p : curve.points) {
    REQUIRE(p.accuracy - 0.02 * p.latency <= chosen.accuracy - 0.02 * chosen.latency);
  }
  REQUIRE(best_at_price(curve, 1e3).latency == 1.0);
  REQUIRE_THROWS_AS(most_accurate_within(curve, 0.5), InvalidValue);
  REQUIRE_THROWS_AS(best_at_price(curve, -1.0), InvalidValue);
}

TEST_CASE("a fit follows its parameters and reproduces its calibration pair") {
  const auto trace = random_trace(10, 300, 15);
  const auto fit = [&](const ValueMap& values) {
    auto rule = exit_rule("dynamic_confidence", values);
    rule.fit(trace);
    return rule;
  };
  const auto temperature = [](const ExitRule& rule) {
    return rule.findings().front().values.front();
  };
  const auto standard = fit({{"allowed_accuracy_loss", 0.01}});
  REQUIRE(temperature(standard) == fit_temperature(every_point(trace)).temperature);
  REQUIRE(standard.held_out()->latency < 10.0);
  const auto again = evaluate(trace, temperature(standard), standard.thresholds().front());
  REQUIRE(again.mean_latency == Approx(standard.held_out()->latency));
  REQUIRE(again.accuracy == Approx(standard.held_out()->accuracy));
  REQUIRE(again.accuracy >= standard.held_out()->final_accuracy - 0.01 - 1e-9);

  REQUIRE(temperature(fit({{"temperature_fit", std::string("horizon")}})) == 10.0);
  REQUIRE(temperature(fit({{"temperature_fit", std::string("fit_final")}})) ==
          fit_temperature(last_points(trace)).temperature);
  const auto given = fit({{"temperature_fit", std::string("fixed")},
                          {"temperature", 5.0},
                          {"selection", std::string("fixed")},
                          {"threshold", 0.7}});
  REQUIRE(temperature(given) == 5.0);
  REQUIRE(given.thresholds() == Thresholds{0.7});
  REQUIRE(given.held_out()->latency == Approx(evaluate(trace, 5.0, 0.7).mean_latency));

  const auto grid =
      fit({{"allowed_accuracy_loss", 0.01}, {"temperature_fit", std::string("grid")}});
  REQUIRE(grid.held_out()->latency <= standard.held_out()->latency);
  REQUIRE_THROWS_AS(
      fit({{"temperature_fit", std::string("grid")}, {"selection", std::string("fixed")}}),
      InvalidValue);
}

TEST_CASE("an agent limited to fewer steps is fitted as if the run ended there") {
  const auto trace = random_trace(10, 200, 16);
  auto agent = exit_rule("dynamic_confidence", {{"max_steps", std::int64_t{4}}});
  agent.fit(trace);
  REQUIRE(agent.held_out()->horizon == 4.0);
  REQUIRE(agent.held_out()->latency <= 4.0);
  const std::vector<double> undecided(classes);
  for (int step = 1; step < 4; ++step) REQUIRE_FALSE(decide(agent, undecided));
  REQUIRE(decide(agent, undecided));
  REQUIRE(evaluate(agent, trace).mean_latency == Approx(agent.held_out()->latency));
  REQUIRE_THROWS_AS(agent.fit(as_events(trace)), Unsupported);
}

TEST_CASE("a loss that is no share of the samples is refused") {
  const auto curve = exit_curve(decisions_of(random_trace(3, 10, 17), 2.0));
  REQUIRE_THROWS_AS(choose_threshold(curve, Selection::safe, -0.01), InvalidValue);
  REQUIRE_THROWS_AS(choose_threshold(curve, Selection::safe, std::nan("")), InvalidValue);
}
