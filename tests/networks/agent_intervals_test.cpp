/// Calibration beyond one temperature: intervals, vector scaling, isotonic maps, ranking, and the
/// divisors of the accumulated scores.

#include <cmath>
#include <vector>

#include "core/error.hpp"
#include "core/random.hpp"
#include "networks/agent/calibration/calibration_report.hpp"
#include "networks/agent/calibration/exit_probability.hpp"
#include "networks/agent/calibration/isotonic.hpp"
#include "networks/agent/calibration/over_time.hpp"
#include "networks/agent/calibration/risk_coverage.hpp"
#include "networks/agent/calibration/smoothing.hpp"
#include "networks/agent/calibration/vector_scaling.hpp"
#include "networks/agent/confidence.hpp"
#include "tests/catch.hpp"
#include "tests/networks/exit_rules.hpp"

using namespace ranvier;
using namespace ranvier::agent;

namespace {

std::uint8_t drawn(std::span<const double> p, Draws& draws) {
  double u = draws.uniform();
  std::size_t label = 0;
  while (label + 1 < p.size() && u >= p[label]) u -= p[label++];
  return static_cast<std::uint8_t>(label);
}

/// One step of scores whose labels are drawn from softmax(w * z + b).
Trace scaled_trace(std::size_t samples, const std::vector<double>& w,
                   const std::vector<double>& b) {
  Trace trace(1, samples, w.size());
  std::vector<double> s(w.size()), p(w.size());
  for (std::size_t i = 0; i < samples; ++i) {
    auto draws = RandomStream(61, Purpose::stimulus).at(static_cast<std::uint32_t>(i), 0);
    for (auto& z : trace.at(0, i)) z = 3.0 * draws.normal();
    for (std::size_t k = 0; k < w.size(); ++k) s[k] = w[k] * trace.at(0, i)[k] + b[k];
    softmax(s, 1.0, p);
    trace.labels[i] = drawn(p, draws);
  }
  return trace;
}

Predictions calibrated_predictions(std::size_t samples) {
  const auto trace = scaled_trace(samples, {1, 1, 1, 1}, {0, 0, 0, 0});
  return predictions_of(last_points(trace), 1.0);
}

}  // namespace

TEST_CASE("vector scaling finds the weights and the differences of the biases of its own model") {
  const std::vector<double> w{0.5, 0.8, 0.3}, b{0.4, -0.4, 0.0};
  const auto trace = scaled_trace(60'000, w, b);
  const auto fit = fit_vector_scaling(last_points(trace));
  // Standard errors are of the order of 1 / sqrt(60 000 / 4) times a few.
  for (std::size_t k = 0; k < 3; ++k) REQUIRE(fit.weights[k] == Approx(w[k]).margin(0.03));
  REQUIRE(fit.biases[0] - fit.biases[2] == Approx(0.4).margin(0.06));
  REQUIRE(fit.biases[1] - fit.biases[2] == Approx(-0.4).margin(0.06));
  REQUIRE(fit.nll < fit_temperature(last_points(trace)).nll);
  std::vector<double> p(3);
  fit.apply(trace.at(0, 0), p);
  REQUIRE(p[0] + p[1] + p[2] == Approx(1.0));
}

TEST_CASE("vector scaling of perfectly answered samples stays finite") {
  Trace trace(1, 20, 2);
  for (std::size_t i = 0; i < 20; ++i) {
    trace.labels[i] = i % 2;
    trace.at(0, i)[i % 2] = 1.0;
  }
  const auto fit = fit_vector_scaling(last_points(trace));
  for (const double weight : fit.weights) REQUIRE(std::isfinite(weight));
  REQUIRE(fit.nll < 0.01);
}

TEST_CASE("the isotonic regression pools what falls and leaves what rises") {
  const Isotonic fit(std::vector<double>{3, 1, 2, 4, 5}, std::vector<double>{2, 1, 3, 4, 3});
  REQUIRE(fit.from() == std::vector<double>{1, 2, 4});
  REQUIRE(fit.values() == std::vector<double>{1, 2.5, 3.5});
  REQUIRE(fit.at(0.0) == 1.0);
  REQUIRE(fit.at(2.9) == 2.5);
  REQUIRE(fit.at(9.0) == 3.5);
  const Isotonic tied(std::vector<double>{1, 1, 2}, std::vector<double>{0, 1, 0.2});
  REQUIRE(tied.from() == std::vector<double>{1});
  REQUIRE(tied.values().front() == Approx(0.4));
}

TEST_CASE("the isotonic regression is the best of all rising functions on small sets") {
  // All assignments of values out of {0, 1/4, ..., 1} that rise, against the fit.
  for (std::uint32_t set = 0; set < 30; ++set) {
    auto draws = RandomStream(3, Purpose::stimulus).at(set, 0);
    std::vector<double> x, y;
    for (int i = 0; i < 5; ++i) {
      x.push_back(i);
      y.push_back(draws.below(2));
    }
    const Isotonic fit(x, y);
    const auto error = [&](auto value_at) {
      double sum = 0.0;
      for (int i = 0; i < 5; ++i) {
        const double miss = value_at(i) - y[static_cast<std::size_t>(i)];
        sum += miss * miss;
      }
      return sum;
    };
    const double best = error([&](int i) { return fit.at(i); });
    for (int code = 0; code < 3125; ++code) {
      std::vector<double> values;
      for (int i = 0, rest = code; i < 5; ++i, rest /= 5) values.push_back(rest % 5 / 4.0);
      if (!std::ranges::is_sorted(values)) continue;
      REQUIRE(best <= error([&](int i) { return values[static_cast<std::size_t>(i)]; }) + 1e-12);
    }
  }
}

TEST_CASE("risk and coverage of five answers, ties entering together") {
  const auto curve =
      risk_coverage(std::vector{0.9, 0.8, 0.8, 0.5, 0.1}, std::vector<std::uint8_t>{1, 1, 0, 1, 0});
  REQUIRE(curve.coverage == std::vector{0.2, 0.6, 0.8, 1.0});
  REQUIRE(curve.risk[0] == 0.0);
  REQUIRE(curve.risk[1] == Approx(1.0 / 3));
  REQUIRE(curve.risk[2] == Approx(1.0 / 4));
  REQUIRE(curve.risk[3] == Approx(2.0 / 5));
  REQUIRE(curve.area == Approx((2.0 / 3 + 1.0 / 4 + 2.0 / 5) / 5));
  // Of 3 x 2 pairs: 0.9 wins both, 0.8 half of one and the other, 0.5 one.
  REQUIRE(curve.auroc == Approx((2.0 + 1.5 + 1.0) / 6));
  REQUIRE_FALSE(
      risk_coverage(std::vector{0.5, 0.6}, std::vector<std::uint8_t>{1, 1}).auroc.has_value());
}

TEST_CASE("the errors of known predictions are their definitions") {
  const Predictions p{.classes = 3,
                      .probabilities = {0.7, 0.2, 0.1, 0.1, 0.6, 0.3, 0.2, 0.2, 0.6},
                      .labels = {0, 2, 2}};
  const std::vector<std::uint32_t> rows{0, 1, 2};
  const auto e = calibration_errors(p, rows, 10);
  // Confidences 0.7 (right), 0.6 (wrong), 0.6 (right).
  REQUIRE(e.ece == Approx(0.3 / 3 + 2.0 / 3 * 0.1));
  REQUIRE(e.mce == Approx(0.3));
  REQUIRE(e.ace == Approx(0.2));
  // Class 0: 0.7 -> 1, 0.1 -> 0, 0.2 -> 0. Class 1: 0.2, 0.2 -> 0, 0.6 -> 0. Class 2: 0.1 -> 0,
  // 0.3 -> 1, 0.6 -> 1.
  REQUIRE(e.classwise_ece ==
          Approx(((0.3 + 0.1 + 0.2) / 3 + (0.4 + 0.6) / 3 + (0.1 + 0.7 + 0.4) / 3) / 3));
  REQUIRE(e.nll == Approx(-(std::log(0.7) + std::log(0.3) + std::log(0.6)) / 3));
  REQUIRE(e.brier == Approx((0.09 + 0.04 + 0.01 + 0.01 + 0.36 + 0.49 + 0.04 + 0.04 + 0.16) / 3));
}

TEST_CASE("adaptive bins hold equal shares, and all of one confidence together") {
  std::vector<double> c;
  std::vector<std::uint8_t> m;
  for (int i = 1; i <= 12; ++i) {
    c.push_back(i / 12.0);
    m.push_back(i % 2);
  }
  const auto bins = adaptive_reliability(c, m, 4).bins;
  REQUIRE(bins.size() == 4);
  for (const auto& bin : bins) REQUIRE(bin.count == 3);
  const auto tied = adaptive_reliability(std::vector(9, 0.5), std::vector<std::uint8_t>(9, 1), 4);
  REQUIRE(tied.bins.size() == 1);
  REQUIRE(tied.ece == Approx(0.5));
}

TEST_CASE("bootstrap intervals are the same for the same seed and cover what calibration leaves") {
  const auto predictions = calibrated_predictions(4000);
  const BootstrapOptions options{.replicates = 100};
  const auto one = calibration_report(predictions, options);
  const auto two = calibration_report(predictions, options);
  REQUIRE(one.lower.ece == two.lower.ece);
  REQUIRE(one.upper.brier == two.upper.brier);
  REQUIRE(calibration_report(predictions, {.replicates = 100, .seed = 2}).lower.ece !=
          one.lower.ece);
  REQUIRE(one.lower.nll < one.value.nll);
  REQUIRE(one.upper.nll > one.value.nll);
  // The samples are calibrated, so what they show is what chance leaves.
  REQUIRE(one.value.ece > 0.0);
  REQUIRE(one.value.ece < 1.5 * one.ece_if_calibrated_interval.upper);
  REQUIRE(one.ece_if_calibrated < std::sqrt(15.0 / 4000));

  auto sharp = predictions;  // twice as confident as right
  for (std::size_t i = 0; i < sharp.samples(); ++i) {
    double sum = 0.0;
    const auto row = std::span(sharp.probabilities).subspan(i * sharp.classes, sharp.classes);
    for (auto& p : row) sum += p *= p;
    for (auto& p : row) p /= sum;
  }
  const auto wrong = calibration_report(sharp, options);
  REQUIRE(wrong.lower.ece > wrong.ece_if_calibrated_interval.upper);
}

TEST_CASE("bootstraps that make no interval are refused") {
  const auto predictions = calibrated_predictions(10);
  REQUIRE_THROWS_AS(calibration_report(predictions, {.replicates = 0}), InvalidValue);
  REQUIRE_THROWS_AS(calibration_report(predictions, {.level = 1.0}), InvalidValue);
  REQUIRE_THROWS_AS(calibration_report({.classes = 2, .probabilities = {0.5}, .labels = {0}}),
                    InvalidValue);
}

TEST_CASE("the probability at exit is the share right of its time and score") {
  // Exits at 1 are right from score 0.5 on, at 2 always, 3 out of 4 at time 3.
  std::vector<double> time, score;
  std::vector<std::uint8_t> correct;
  for (int i = 0; i < 200; ++i) {
    for (const int t : {1, 2, 3}) {
      time.push_back(t);
      score.push_back(i / 200.0);
      correct.push_back(t == 1 ? i >= 100 : t == 2 ? 1 : i % 4 != 0);
    }
  }
  const ExitProbability map(time, score, correct);
  REQUIRE(map.groups() == 3);
  REQUIRE(map.at(1.0, 0.2) == 0.0);
  REQUIRE(map.at(1.0, 0.7) == 1.0);
  REQUIRE(map.at(2.0, 0.2) == 1.0);
  REQUIRE(map.at(2.5, 0.2) == 1.0);
  REQUIRE(map.at(3.0, 0.5) == Approx(0.75).margin(0.02));
  // Too few for groups of their own.
  REQUIRE(
      ExitProbability(std::vector{1.0, 2.0}, std::vector{0.1, 0.2}, std::vector<std::uint8_t>{0, 1})
          .groups() == 1);
}

TEST_CASE("the divisors of scores that grow with time are found in every form") {
  // z_t = t mu, so a_t = 2 t calibrates; labels drawn from softmax(mu / 2).
  constexpr std::size_t steps = 6, samples = 6000, classes = 4;
  Trace trace(steps, samples, classes);
  std::vector<double> p(classes);
  for (std::size_t i = 0; i < samples; ++i) {
    auto draws = RandomStream(71, Purpose::stimulus).at(static_cast<std::uint32_t>(i), 0);
    for (auto& z : trace.at(0, i)) z = 4.0 * draws.normal();
    softmax(trace.at(0, i), 2.0, p);
    trace.labels[i] = drawn(p, draws);
    for (std::size_t t = 1; t < steps; ++t) {
      for (std::size_t k = 0; k < classes; ++k) {
        trace.at(t, i)[k] = static_cast<double>(t + 1) * trace.at(0, i)[k];
      }
    }
  }
  const auto smoothing = [&](TemperatureFrom from) {
    return fit_smoothing(trace, {.temperature_fit = static_cast<int>(from)});
  };
  // The temperature of 6000 samples of 4 classes is known to about 3 %.
  const auto each = smoothing(TemperatureFrom::fit_each_step);
  const auto line = fit_linear_smoothing(trace);
  for (std::size_t t = 1; t <= steps; ++t) {
    const auto time = static_cast<double>(t);
    REQUIRE(each.at(t, time) == Approx(2.0 * time).epsilon(0.1));
    REQUIRE(each.at(t, time) == Approx(each.at(1, 1.0) * time).epsilon(1e-6));
    REQUIRE(line.at(t, time) == Approx(each.at(t, time)).epsilon(2e-3));
    REQUIRE(smoothing(TemperatureFrom::mean_logits).at(t, time) == time);
    REQUIRE(smoothing(TemperatureFrom::horizon).at(t, time) == 6.0);
  }
  REQUIRE(each.values().size() == steps);
  // Calibrated at every step by its own divisor; the raw sum is ever more over-confident.
  const auto over_time = calibration_over_time(trace, trace);
  for (std::size_t t = 0; t < steps; ++t) {
    REQUIRE(over_time[t].temperature == each.values()[t]);
    REQUIRE(over_time[t].ece_fitted < std::sqrt(15.0 / samples));
    REQUIRE(over_time[t].ece_mean == Approx(over_time[0].ece_sum).epsilon(1e-9));
    if (t > 0) REQUIRE(over_time[t].ece_sum > over_time[t - 1].ece_sum);
    REQUIRE(over_time[t].nll_fitted == Approx(over_time[0].nll_fitted).epsilon(1e-6));
  }
  REQUIRE_THROWS_AS(calibration_over_time(trace, TraceView(trace).first_steps(2)), InvalidValue);
  REQUIRE(line.values().size() == 2);
  REQUIRE_THROWS_AS(fit_linear_smoothing(test::as_events(test::random_trace(3, 20, 1))),
                    Unsupported);
  REQUIRE_THROWS_AS(smoothing(TemperatureFrom::grid), InvalidValue);
}
