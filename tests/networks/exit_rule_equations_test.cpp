/// What the equation of each exit rule says, on traces worked out by hand.

#include <cmath>
#include <vector>

#include "networks/agent/evaluation/evaluate.hpp"
#include "networks/agent/evaluation/fixed_time.hpp"
#include "tests/catch.hpp"
#include "tests/networks/exit_rules.hpp"

using namespace ranvier;
using namespace ranvier::agent;
using ranvier::test::fitted;
using ranvier::test::online_stops;
using ranvier::test::random_trace;
using ranvier::test::trace_of;

namespace {

std::string text(const char* value) { return value; }

std::vector<double> finding(const ExitRule& rule, const std::string& name) {
  for (const auto& found : rule.findings()) {
    if (found.name == name) return found.values;
  }
  return {};
}

}  // namespace

TEST_CASE("margin and max_softmax stop where their own formula says") {
  // Leads of 1, 2, 3, 4 between two classes.
  const auto trace = trace_of({{{1, 0}, {2, 0}, {3, 0}, {4, 0}}}, {0});
  REQUIRE(online_stops(exit_rule("margin", {{"selection", text("fixed")}, {"threshold", 2.0}}),
                       trace) == std::vector<std::size_t>{3});
  // softmax > 0.9 where the lead exceeds ln 9 = 2.197.
  REQUIRE(online_stops(exit_rule("max_softmax", {{"selection", text("fixed")}}), trace) ==
          std::vector<std::size_t>{3});
  // Mean logits: the lead over t is 1 throughout, softmax 0.731.
  for (const auto& [theta, stop] : {std::pair{0.73, 1u}, {0.74, 4u}}) {
    const auto rule = exit_rule("max_softmax", {{"selection", text("fixed")},
                                                {"threshold", theta},
                                                {"temperature_fit", text("mean_logits")}});
    REQUIRE(online_stops(rule, trace) == std::vector<std::size_t>{stop});
  }
}

TEST_CASE("the normalised entropy is 1 for a tie, and of the sum or of the mean of the scores") {
  const auto trace = trace_of({{{0, 0}, {2, 0}, {4, 0}}}, {0});
  const auto scores = [&](const char* output) {
    return exit_rule("entropy", {{"selection", text("fixed")}, {"output", text(output)}})
        .scored(trace)
        .score;
  };
  const auto entropy_of = [](double lead) {
    const double p = 1.0 / (1.0 + std::exp(-lead));
    return -(p * std::log(p) + (1.0 - p) * std::log(1.0 - p)) / std::log(2.0);
  };
  REQUIRE(scores("sum")[0] == Approx(0.0).margin(1e-15));
  REQUIRE(scores("sum")[1] == Approx(1.0 - entropy_of(2.0)).epsilon(1e-12));
  REQUIRE(scores("sum")[2] == Approx(1.0 - entropy_of(4.0)).epsilon(1e-12));
  REQUIRE(scores("mean")[1] == Approx(1.0 - entropy_of(1.0)).epsilon(1e-12));
  REQUIRE(scores("mean")[2] == Approx(1.0 - entropy_of(4.0 / 3.0)).epsilon(1e-12));
}

TEST_CASE("patience waits for the same answer m times in a row, fixed time for its time") {
  // Answers 0 1 1 0 0 0.
  const auto trace = trace_of({{{1, 0}, {0, 1}, {0, 1}, {1, 0}, {1, 0}, {1, 0}}}, {0});
  const auto patience = [&](std::int64_t m) {
    return online_stops(exit_rule("patience", {{"decisions", m}}), trace).front();
  };
  REQUIRE(patience(1) == 1);
  REQUIRE(patience(2) == 3);
  REQUIRE(patience(3) == 6);
  REQUIRE(patience(4) == 6);  // never, so at the end
  const auto fixed = [&](double time) {
    return online_stops(exit_rule("fixed_time", {{"time", time}}), trace).front();
  };
  REQUIRE(fixed(1.0) == 1);
  REQUIRE(fixed(3.0) == 3);
  REQUIRE(fixed(3.5) == 4);
  REQUIRE(fixed(9.0) == 6);
}

TEST_CASE("fixed time with a selection is the shortest window that keeps the accuracy") {
  const auto trace = random_trace(10, 500, 40);
  const auto rule = fitted("fixed_time", {{"allowed_accuracy_loss", 0.001}}, trace);
  REQUIRE(rule.held_out()->latency == base_time(fixed_time_curve(decisions_of(trace, 1.0))));
}

TEST_CASE("the top-K gap is the smallest lead whose samples have their final answer") {
  // Step 1: leads 1 2 3 4, and the answer of the sample with lead 2 still changes.
  const auto trace = trace_of(
      {{{1, 0}, {9, 0}}, {{2, 0}, {0, 9}}, {{3, 0}, {9, 0}}, {{4, 0}, {9, 0}}}, {0, 1, 0, 0});
  const auto strict = fitted("top_k_gap", {{"epsilon", 0.0}}, trace);
  // On the grid 4 j / 100: the first beta at which lead 2 is out is 2.00, since 2 > 2 is false.
  REQUIRE(strict.threshold(1) == Approx(2.0).epsilon(1e-12));
  REQUIRE(online_stops(strict, trace) == std::vector<std::size_t>{2, 2, 1, 1});
  // With a quarter allowed all four may stop at once.
  REQUIRE(fitted("top_k_gap", {{"epsilon", 0.25}}, trace).threshold(1) == 0.0);
}

TEST_CASE("the point classifier takes the smallest threshold of its grid that is accurate enough") {
  // Right at step 2 only, after a confident wrong answer (0.731) and an unsure one (0.55).
  const double unsure = std::log(0.55 / 0.45);
  const auto trace = trace_of({{{1, 0}, {0, 9}}, {{unsure, 0}, {0, 9}}}, {1, 1});
  REQUIRE(fitted("point_classifier", {{"target_accuracy", 0.0}}, trace).threshold(1) == 0.0);
  REQUIRE(fitted("point_classifier", {{"target_accuracy", 0.5}}, trace).threshold(1) ==
          Approx(0.55).margin(0.0051));
  REQUIRE(fitted("point_classifier", {{"target_accuracy", 1.0}}, trace).threshold(1) ==
          Approx(0.74).epsilon(1e-12));
}

TEST_CASE("budgeted exits let the prescribed shares leave, the most confident first") {
  const auto trace = random_trace(4, 400, 41);
  const auto rule = fitted("budgeted", {{"ratio", 1.0}}, trace);
  const auto stops = online_stops(rule, trace);
  for (std::size_t t = 1; t <= 4; ++t) REQUIRE(std::ranges::count(stops, t) == 100);
  const auto scored = rule.scored(trace);
  double least_out = 1.0, most_left = 0.0;
  for (std::size_t i = 0; i < 400; ++i) {
    const double c = scored.score[scored.first[i]];
    if (stops[i] == 1) {
      least_out = std::min(least_out, c);
    } else {
      most_left = std::max(most_left, c);
    }
  }
  REQUIRE(least_out > most_left);
  // 8 : 4 : 2 : 1 of 400, rounded down.
  const auto early = online_stops(fitted("budgeted", {{"ratio", 0.5}}, trace), trace);
  REQUIRE(std::ranges::count(early, 1u) == 213);
  REQUIRE(std::ranges::count(early, 2u) == 106);
  REQUIRE(std::ranges::count(early, 3u) == 53);
}

TEST_CASE("conformal sets are the classes below the quantile of the held-out truths") {
  // One checkpoint, 4 samples, local scores: s = 1 - z of the truth are 0.9 0.7 0.5 0.3.
  const auto trace = trace_of({{{0.1, 0}}, {{0.3, 0}}, {{0.5, 0}}, {{0.7, 0}}}, {0, 0, 0, 0});
  const auto rule = [&](double alpha) {
    return fitted(
        "conformal",
        {{"alpha", alpha}, {"checkpoints", std::int64_t{1}}, {"nonconformity", text("local")}},
        trace);
  };
  // ceil(0.6 * 5) = 3 and ceil(0.8 * 5) = 4.
  REQUIRE(finding(rule(0.4), "quantiles").front() == Approx(0.7));
  REQUIRE(finding(rule(0.2), "quantiles").front() == Approx(0.9));
  auto asked = rule(0.4);
  REQUIRE(asked.stop(1.0, std::vector{0.31, 0.1}));
  REQUIRE(asked.answer_set() == std::vector<std::size_t>{0});
  asked.reset();
  REQUIRE_FALSE(asked.stop(1.0, std::vector{0.31, 0.5}));
  REQUIRE(asked.answer_set() == std::vector<std::size_t>{0, 1});
  REQUIRE(asked.prediction() == 1);
}

TEST_CASE("conformal sets cover the truth as promised where samples are exchangeable") {
  for (const char* nonconformity : {"global", "local"}) {
    double covered = 0.0;
    constexpr int repeats = 20;
    constexpr double alpha = 0.2;
    for (std::uint64_t repeat = 0; repeat < repeats; ++repeat) {
      const auto held_out = random_trace(8, 100, 100 + 2 * repeat);
      const auto test = random_trace(8, 200, 101 + 2 * repeat);
      const TraceView view(test);
      auto rule =
          fitted("conformal", {{"alpha", alpha}, {"nonconformity", text(nonconformity)}}, held_out);
      for (std::size_t i = 0; i < view.samples(); ++i) {
        test::asked_until_stop(rule, view, i);
        const auto set = rule.answer_set();
        covered += std::ranges::find(set, std::size_t{test.labels[i]}) != set.end() ? 1.0 : 0.0;
      }
    }
    covered /= repeats * 200.0;
    // Mean over 20 fits; of each the coverage scatters by sqrt(alpha / n) < 0.05 around its mean.
    REQUIRE(covered >= 1.0 - alpha - 3.0 * 0.05 / std::sqrt(repeats));
  }
}

TEST_CASE(
    "a gate opens at once where waiting costs more than it brings, and late where it does not") {
  const auto held_out = random_trace(8, 600, 42), test = random_trace(8, 300, 43);
  double before = 9.0, accuracy_before = 1.0;
  for (const double cost : {0.05, 0.5, 2.0, 20.0}) {
    const auto result = evaluate(fitted("learned_gate", {{"cost", cost}}, held_out), test);
    REQUIRE(result.mean_latency < before);
    REQUIRE(result.accuracy <= accuracy_before + 0.02);
    before = result.mean_latency;
    accuracy_before = result.accuracy;
  }
  REQUIRE(before < 1.1);
}

TEST_CASE("deferral learns what the end would add, and nothing where nothing changes") {
  // Answers that never change: the gain is 0 for all targets of the answer.
  auto settled = random_trace(1, 300, 44);
  Trace constant(4, 300, settled.classes);
  constant.labels = settled.labels;
  for (std::size_t t = 0; t < 4; ++t) {
    for (std::size_t i = 0; i < 300; ++i)
      std::ranges::copy(settled.at(0, i), constant.at(t, i).begin());
  }
  for (const char* target : {"diff_01", "diff_prob"}) {
    const auto scored = fitted("deferral", {{"target", text(target)}}, constant).scored(constant);
    for (const double score : scored.score) REQUIRE(score == Approx(0.0).margin(1e-9));
  }
  const auto trace = random_trace(8, 600, 45), test = random_trace(8, 300, 46);
  for (const char* target : {"diff_01", "diff_prob", "max_prob"}) {
    const auto rule = fitted(
        "deferral", {{"target", text(target)}, {"selection", text("cost")}, {"cost", 0.05}}, trace);
    const auto result = evaluate(rule, test);
    REQUIRE(result.mean_latency < 8.0);
    REQUIRE(result.accuracy > result.final_accuracy - 0.1);
  }
}

TEST_CASE("optimal stopping runs on only as long as a step brings more than its price") {
  const auto trace = random_trace(8, 800, 47), test = random_trace(8, 400, 48);
  const auto net = [&](const Evaluation& e, double price) {
    return e.accuracy - price * e.mean_latency;
  };
  double before = 9.0;
  for (const double price : {0.001, 0.02, 0.1, 2.0}) {
    const auto result = evaluate(fitted("optimal_stopping", {{"step_price", price}}, trace), test);
    REQUIRE(result.mean_latency <= before);
    before = result.mean_latency;
    // Better than the best fixed time of the same data, up to the noise of 400 samples.
    const auto fixed = fixed_time_curve(decisions_of(test, 1.0));
    for (std::size_t t = 0; t < fixed.time.size(); ++t) {
      REQUIRE(net(result, price) >= fixed.accuracy[t] - price * fixed.time[t] - 0.025);
    }
  }
  REQUIRE(before == 1.0);
}

TEST_CASE("in a fork with one revealing step, optimal stopping pays for it only when it is cheap") {
  // Half of the samples are certain at once; of the others step 2 tells the truth, step 1 nothing.
  Trace fork(2, 400, 2);
  for (std::size_t i = 0; i < 400; ++i) {
    fork.labels[i] = static_cast<std::uint8_t>(i / 2 % 2);
    const bool sure = i % 2 == 0;
    fork.at(0, i)[sure ? fork.labels[i] : i / 4 % 2] = sure ? 6.0 : 0.2;
    fork.at(1, i)[fork.labels[i]] = 6.0;
  }
  // Waiting brings 1/2 to the unsure half.
  const auto cheap = fitted("optimal_stopping", {{"step_price", 0.3}}, fork);
  REQUIRE(cheap.held_out()->latency == 1.5);
  REQUIRE(cheap.held_out()->accuracy == 1.0);
  const auto dear = fitted("optimal_stopping", {{"step_price", 0.7}}, fork);
  REQUIRE(dear.held_out()->latency == 1.0);
  REQUIRE(dear.held_out()->accuracy == 0.75);
}
