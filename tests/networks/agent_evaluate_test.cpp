#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "core/error.hpp"
#include "core/random.hpp"
#include "networks/agent/evaluation/evaluate.hpp"
#include "networks/agent/evaluation/fixed_time.hpp"
#include "networks/agent/evaluation/oracle.hpp"
#include "tests/catch.hpp"

using namespace ranvier;
using namespace ranvier::agent;

namespace {

/// The log released with Dynamic Confidence (arXiv:2303.10276): ResNet-18 on CIFAR-10, 10 000
/// images, a = 30, theta = 0.6. Per step: images that stop there, mean steps if capped there,
/// accuracy in percent of answering all images there.
struct LogRow {
  std::size_t stops;
  double capped_latency, fixed_accuracy;
};
constexpr std::array<LogRow, 27> published_log{{
    {0, 1.0, 78.76},       {0, 2.0, 84.28},       {0, 3.0, 87.07},        {0, 4.0, 88.89},
    {0, 5.0, 90.11},       {0, 6.0, 90.96},       {12, 7.0, 91.68},       {382, 7.9988, 92.17},
    {2670, 8.9594, 92.49}, {2996, 9.6530, 92.79}, {1348, 10.0470, 93.08}, {632, 10.3062, 93.18},
    {407, 10.5022, 93.40}, {273, 10.6575, 93.53}, {197, 10.7855, 93.63},  {149, 10.8938, 93.76},
    {121, 10.9872, 93.85}, {97, 11.0685, 93.92},  {81, 11.1401, 94.01},   {66, 11.2036, 94.01},
    {66, 11.2605, 94.08},  {33, 11.3108, 94.13},  {44, 11.3578, 94.22},   {30, 11.4004, 94.23},
    {37, 11.4400, 94.22},  {21, 11.4759, 94.22},  {338, 11.5097, 94.27},
}};

/// 10 000 images of class 0 that turn confident when the log says, and are right as often.
Trace published_trace() {
  constexpr std::size_t images = 10'000;
  Trace trace(published_log.size(), images, 10);
  std::size_t image = 0;
  for (std::size_t stop = 0; stop < published_log.size(); ++stop) {
    for (std::size_t s = 0; s < published_log[stop].stops; ++s, ++image) {
      for (std::size_t t = 0; t < trace.steps; ++t) {
        const bool right =
            static_cast<double>(image) < 100.0 * published_log[t].fixed_accuracy - 0.5;
        // A gap of 200 is beyond the bracket's 78.1, one of 5 below its 12.2.
        trace.at(t, image)[right ? 0 : 1] = t >= stop ? 200.0 : 5.0;
      }
    }
  }
  return trace;
}

Decisions one_sample(std::vector<std::uint8_t> correct) {
  Decisions d;
  d.horizon = static_cast<double>(correct.size());
  d.first = {0, correct.size()};
  for (std::size_t t = 1; t <= correct.size(); ++t) d.time.push_back(static_cast<double>(t));
  d.score.assign(correct.size(), 0.5);
  d.correct = std::move(correct);
  d.correct_unprompted = {0};
  return d;
}

/// Two classes whose gap grows by `drift` per unit of time plus noise, seen every `interval`.
EventTrace drifting_gap(double drift, double noise, double interval, double horizon,
                        std::size_t samples) {
  EventTrace trace(horizon, 2);
  const auto points = std::lround(horizon / interval);
  for (std::size_t i = 0; i < samples; ++i) {
    auto draws = RandomStream(21, Purpose::stimulus).at(static_cast<std::uint32_t>(i), 0);
    trace.add_sample(0);
    double walk = 0.0;
    for (long k = 1; k <= points; ++k) {
      walk += noise * std::sqrt(interval) * draws.normal();
      const double t = k == points ? horizon : static_cast<double>(k) * interval;
      trace.add_point(t, std::vector{drift * t + walk, 0.0});
    }
  }
  return trace;
}

}  // namespace

TEST_CASE("the published log's mean steps at every cap follow from the images still running") {
  const auto trace = published_trace();
  const TraceView view(trace);
  for (std::size_t cap = 1; cap <= published_log.size(); ++cap) {
    const auto result = evaluate(view.first_steps(cap), 30.0, 0.6);
    // The log prints four decimals.
    REQUIRE(result.mean_latency == Approx(published_log[cap - 1].capped_latency).margin(1e-4));
  }
}

TEST_CASE(
    "the published log's mean of 11.51 steps is worth 93.13 % to a fixed time, 94.27 % taking 27") {
  const auto result = evaluate(published_trace(), 30.0, 0.6);
  REQUIRE(result.forced_share == Approx(0.0338));
  REQUIRE(result.final_accuracy == Approx(0.9427));
  REQUIRE(result.matched_accuracy == Approx(0.9313).margin(5e-5));
  REQUIRE(result.median_latency == 10.0);
  REQUIRE(result.p95_latency == 22.0);  // 94.99 % of the images have stopped by step 21
  REQUIRE(result.base_time == 23.0);    // 94.13 at step 22 is more than 0.1 below 94.27
  REQUIRE(result.saving() == Approx(0.574).margin(5e-4));  // of the 27 steps of the log
}

TEST_CASE("the oracles of single samples are what their definitions give") {
  const auto flicker = oracle(one_sample({0, 1, 0, 0, 1, 1}));
  REQUIRE(flicker.accuracy == 1.0);
  REQUIRE(flicker.latency_charged_horizon == 2.0);
  REQUIRE(flicker.latency_right == 2.0);
  REQUIRE(flicker.optimal_cutoff == 5.0);
  // C_t = 0 1 0 0 1 1: 2 - 3 + 5.
  REQUIRE(flicker.average_earliest_time == 4.0);

  const auto never = oracle(one_sample({0, 0, 0, 0}));
  REQUIRE(never.accuracy == 0.0);
  REQUIRE(never.latency_charged_horizon == 4.0);
  REQUIRE(never.latency_charged_first == 1.0);
  REQUIRE_FALSE(never.latency_right.has_value());
  REQUIRE(never.optimal_cutoff == 4.0);
  REQUIRE(never.average_earliest_time == 4.0);

  const auto spoiled = oracle(one_sample({1, 1, 0}));
  REQUIRE(spoiled.accuracy == 1.0);
  REQUIRE(spoiled.latency_charged_first == 1.0);
  REQUIRE(spoiled.optimal_cutoff == 3.0);
  // C_1 + 3 (0 - 1) + T (N - 0) = 1 - 3 + 3.
  REQUIRE(spoiled.average_earliest_time == 1.0);
}

TEST_CASE("the three charges of the first-correct oracle differ by what never-right samples cost") {
  Trace trace(4, 2, 2);
  trace.labels = {1, 1};
  for (std::size_t t = 2; t < 4; ++t)
    trace.at(t, 0)[1] = 1.0;  // right from step 3, the other never
  const auto result = oracle(decisions_of(trace, 1.0));
  REQUIRE(result.accuracy == 0.5);
  REQUIRE(result.latency_charged_horizon == 3.5);
  REQUIRE(result.latency_charged_first == 2.0);
  REQUIRE(result.latency_right == 3.0);
}

TEST_CASE("a noisy drift of the gap stops when it has covered ln(theta / (1 - theta))") {
  const double drift = 0.5, noise = 0.3;
  for (const double theta : {0.9, 0.99, 0.999}) {
    const double bound = std::log(theta / (1.0 - theta)) / drift;
    const auto steps = evaluate(drifting_gap(drift, noise, 1.0, 60.0, 2000), 1.0, theta);
    REQUIRE(steps.accuracy == 1.0);
    REQUIRE(steps.forced_share == 0.0);
    // Wald: mean time = (bound + overshoot) / drift, the overshoot below one step's increment.
    REQUIRE(steps.mean_latency > bound);
    REQUIRE(steps.mean_latency < 1.1 * bound + 1.0);
  }
}

TEST_CASE("the event-wise decision is the limit of the step-wise one for short steps") {
  const double drift = 0.5, theta = 0.99;
  const double bound = std::log(theta / (1.0 - theta)) / drift;
  for (const double interval : {0.25, 0.05, 0.01}) {
    const auto result = evaluate(drifting_gap(drift, 0.0, interval, 20.0, 3), 1.0, theta);
    REQUIRE(result.mean_latency > bound);
    REQUIRE(result.mean_latency < bound + interval * (1.0 + 1e-9));
  }
}

TEST_CASE("an event trace is judged at its own times, with class 0 before the first") {
  EventTrace trace(4.0, 2);
  trace.add_sample(1);
  trace.add_point(0.5, std::vector{0.0, 1.0}, 3);
  trace.add_point(1.5, std::vector{0.0, 9.0}, 10);
  trace.add_point(4.0, std::vector{0.0, 9.0}, 30);
  trace.add_sample(0);
  trace.add_point(2.0, std::vector{0.0, 1.0}, 8);
  trace.add_point(4.0, std::vector{1.0, 0.0}, 20);

  const auto d = decisions_of(trace, 1.0);
  const auto result = evaluate(d, 0.9);
  REQUIRE(result.mean_latency == Approx((1.5 + 4.0) / 2));
  REQUIRE(result.forced_share == 0.5);
  REQUIRE(result.mean_events == Approx((10 + 20) / 2.0));
  REQUIRE(result.final_events == Approx((30 + 20) / 2.0));
  REQUIRE(result.accuracy == 1.0);

  const auto fixed = fixed_time_curve(d);
  REQUIRE(accuracy_at(fixed, 0.0) == 0.5);
  REQUIRE(accuracy_at(fixed, 0.7) == 1.0);
  REQUIRE(accuracy_at(fixed, 2.0) == 0.5);
  REQUIRE(accuracy_at(fixed, 3.9) == 0.5);
  REQUIRE(accuracy_at(fixed, 4.0) == 1.0);
  REQUIRE(base_time(fixed) == 4.0);
  REQUIRE(result.matched_accuracy == 0.5);
}

TEST_CASE("samples without any output event before the horizon are answered there") {
  EventTrace trace(3.0, 3);
  trace.add_sample(0);
  trace.add_point(3.0, std::vector{0.0, 0.0, 0.0});
  const auto result = evaluate(trace, 1.0, 0.5);
  REQUIRE(result.mean_latency == 3.0);
  REQUIRE(result.accuracy == 1.0);
  REQUIRE_FALSE(result.mean_events.has_value());
}

TEST_CASE("a temperature per step scores each step with its own") {
  Trace trace(2, 1, 2);
  trace.at(0, 0)[1] = trace.at(1, 0)[1] = 6.0;
  const auto d = decisions_of(trace, std::vector{1.0, 3.0});
  REQUIRE(d.score[0] == Approx(1.0 / (1.0 + std::exp(-6.0))));
  REQUIRE(d.score[1] == Approx(1.0 / (1.0 + std::exp(-2.0))));
  REQUIRE_THROWS_AS(decisions_of(trace, std::vector{1.0}), InvalidValue);
  REQUIRE_THROWS_AS(decisions_of(trace, std::vector{1.0, 0.0}), InvalidValue);
}

TEST_CASE("traces that cannot be evaluated are refused") {
  Trace good(2, 3, 4);
  REQUIRE_NOTHROW(evaluate(good, 1.0, 0.5));
  REQUIRE_THROWS_AS(evaluate(good, 0.0, 0.5), InvalidValue);
  REQUIRE_THROWS_AS(evaluate(good, 1.0, 0.0), InvalidValue);
  REQUIRE_THROWS_AS(evaluate(good, 1.0, 1.1), InvalidValue);
  REQUIRE_THROWS_AS(evaluate(Trace(2, 0, 4), 1.0, 0.5), InvalidValue);
  REQUIRE_THROWS_AS(evaluate(Trace(0, 3, 4), 1.0, 0.5), InvalidValue);
  REQUIRE_THROWS_AS(evaluate(Trace(2, 3, 1), 1.0, 0.5), InvalidValue);
  REQUIRE_THROWS_AS(TraceView(good).first_steps(0), InvalidValue);

  const auto refused = [&](auto spoil) {
    Trace bad = good;
    spoil(bad);
    REQUIRE_THROWS_AS(evaluate(bad, 1.0, 0.5), InvalidValue);
  };
  refused([](Trace& t) { t.scores[5] = std::numeric_limits<double>::quiet_NaN(); });
  refused([](Trace& t) { t.scores[5] = std::numeric_limits<double>::infinity(); });
  refused([](Trace& t) { t.scores.pop_back(); });
  refused([](Trace& t) { t.labels[1] = 4; });
  refused([](Trace& t) { t.labels.pop_back(); });
  refused([](Trace& t) { t.events = {1, 2, 3}; });
  refused([](Trace& t) { t.events = {5, 5, 5, 5, 4, 5}; });
}

TEST_CASE("event traces that cannot be evaluated are refused") {
  EventTrace good(2.0, 2);
  REQUIRE_THROWS_AS(good.add_point(1.0, std::vector{0.0, 1.0}), InvalidValue);
  REQUIRE_THROWS_AS(evaluate(good, 1.0, 0.5), InvalidValue);
  good.add_sample(1);
  REQUIRE_THROWS_AS(evaluate(good, 1.0, 0.5), InvalidValue);
  REQUIRE_THROWS_AS(good.add_point(1.0, std::vector{0.0}), InvalidValue);
  good.add_point(1.0, std::vector{0.0, 1.0}, 5);
  REQUIRE_THROWS_AS(evaluate(good, 1.0, 0.5), InvalidValue);  // does not reach the horizon
  good.add_point(2.0, std::vector{0.0, 1.0}, 6);
  REQUIRE_NOTHROW(evaluate(good, 1.0, 0.5));
  REQUIRE_THROWS_AS(TraceView(good).first_steps(1), Unsupported);

  const auto refused = [&](auto spoil) {
    EventTrace bad = good;
    spoil(bad);
    REQUIRE_THROWS_AS(evaluate(bad, 1.0, 0.5), InvalidValue);
  };
  refused([](EventTrace& t) { t.times[0] = 2.5; });
  refused([](EventTrace& t) { t.times[0] = -0.5; });
  refused([](EventTrace& t) { t.times[0] = std::nan(""); });
  refused([](EventTrace& t) { t.scores[0] = std::nan(""); });
  refused([](EventTrace& t) { t.events[1] = 4; });
  refused([](EventTrace& t) { t.labels[0] = 2; });
  refused([](EventTrace& t) { t.first[1] = 1; });
  refused([](EventTrace& t) { t.first = {2, 2}; });
}
