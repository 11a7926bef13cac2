#include <cmath>
#include <limits>
#include <vector>

#include "core/error.hpp"
#include "core/random.hpp"
#include "networks/agent/calibration/reliability.hpp"
#include "networks/agent/calibration/temperature.hpp"
#include "networks/agent/confidence.hpp"
#include "tests/catch.hpp"

using namespace ranvier;
using namespace ranvier::agent;

namespace {

/// Scores whose labels are drawn from softmax(z / temperature), at every step z_t = t mu: then the
/// best temperature of step t is t times that of step 1.
Trace calibrated_trace(std::size_t steps, std::size_t samples, std::size_t classes,
                       double temperature) {
  Trace trace(steps, samples, classes);
  std::vector<double> p(classes);
  for (std::size_t i = 0; i < samples; ++i) {
    auto draws = RandomStream(11, Purpose::stimulus).at(static_cast<std::uint32_t>(i), 0);
    for (auto& z : trace.at(0, i)) z = 4.0 * draws.normal();
    softmax(trace.at(0, i), temperature, p);
    double u = draws.uniform();
    std::size_t label = 0;
    while (label + 1 < classes && u >= p[label]) u -= p[label++];
    trace.labels[i] = static_cast<std::uint8_t>(label);
    for (std::size_t t = 1; t < steps; ++t) {
      for (std::size_t k = 0; k < classes; ++k) {
        trace.at(t, i)[k] = static_cast<double>(t + 1) * trace.at(0, i)[k];
      }
    }
  }
  return trace;
}

}  // namespace

TEST_CASE("calibration errors of four samples agree with the sum done by hand") {
  const std::vector<double> c{0.95, 0.85, 0.65, 0.55};
  const std::vector<std::uint8_t> m{1, 0, 1, 0};
  const auto r = reliability(c, m, 5);
  REQUIRE(r.ece == Approx(0.425).epsilon(1e-14));
  REQUIRE(r.mce == Approx(0.55).epsilon(1e-14));
  REQUIRE(r.ace == Approx(1.3 / 3).epsilon(1e-14));
  REQUIRE(r.accuracy == Approx(0.5));
  REQUIRE(r.mean_confidence == Approx(0.75));
}

TEST_CASE("bins are open on the left, closed on the right, and 0 falls in the first") {
  const std::vector<double> c{0.0, 0.2, 0.4, 0.6, 0.8, 1.0};
  const auto r = reliability(c, std::vector<std::uint8_t>(6, 1), 5);
  const std::vector<std::size_t> expected{2, 1, 1, 1, 1};
  for (std::size_t b = 0; b < 5; ++b) REQUIRE(r.bins[b].count == expected[b]);
  REQUIRE(r.bins[4].upper == 1.0);
}

TEST_CASE("outcomes drawn with their own confidence leave an ECE of the order of its bias") {
  std::vector<double> c;
  std::vector<std::uint8_t> m;
  const std::size_t samples = 100'000;
  for (std::size_t i = 0; i < samples; ++i) {
    auto draws = RandomStream(2, Purpose::stimulus).at(static_cast<std::uint32_t>(i), 0);
    c.push_back(draws.uniform());
    m.push_back(draws.uniform() < c.back());
  }
  // Each bin's gap has standard deviation <= 0.5 / sqrt(N / 15); their weighted mean stays below.
  REQUIRE(reliability(c, m).ece < 0.5 * std::sqrt(15.0 / samples));
}

TEST_CASE("the Brier score and the log-likelihood of known probabilities are their definitions") {
  const std::vector<double> scores{std::log(0.7), std::log(0.2), std::log(0.1)};
  const std::vector<LabelledScores> rows{{scores, 1}};
  const auto score = proper_scores(rows, 1.0);
  REQUIRE(score.nll == Approx(-std::log(0.2)).epsilon(1e-14));
  REQUIRE(score.brier == Approx(0.49 + 0.64 + 0.01).epsilon(1e-14));
}

TEST_CASE("the derivatives of the log-likelihood agree with central differences") {
  const auto trace = calibrated_trace(1, 40, 5, 2.0);
  const auto rows = every_point(trace);
  for (const double b : {0.1, 0.5, 2.0}) {
    const double h = 1e-4 * b;
    const auto here = likelihood(rows, b);
    const auto above = likelihood(rows, b + h), below = likelihood(rows, b - h);
    // Central differences are off by h^2 f'''/6, and by rounding of the loss over h.
    REQUIRE(here.slope == Approx((above.nll - below.nll) / (2 * h)).epsilon(1e-6).margin(1e-8));
    REQUIRE(here.curvature == Approx((above.slope - below.slope) / (2 * h)).epsilon(1e-6));
  }
}

TEST_CASE("the temperature that labels were drawn with is recovered from 100 000 samples") {
  for (const double truth : {0.7, 3.0}) {
    const auto trace = calibrated_trace(1, 100'000, 10, truth);
    const auto fit = fit_temperature(last_points(trace));
    REQUIRE(fit.interior);
    REQUIRE(fit.iterations <= 20);
    REQUIRE(fit.temperature == Approx(truth).epsilon(0.02));
  }
}

TEST_CASE("the fitted temperature is a minimum of the loss") {
  const auto trace = calibrated_trace(4, 500, 6, 2.5);
  const auto rows = every_point(trace);
  const auto fit = fit_temperature(rows);
  const auto here = likelihood(rows, 1.0 / fit.temperature);
  REQUIRE(fit.nll == Approx(here.nll));
  REQUIRE(std::abs(here.slope) < 1e-8 * here.curvature / fit.temperature);
  for (double factor = 0.02; factor < 50.0; factor *= 1.1) {
    REQUIRE(likelihood(rows, factor / fit.temperature).nll >= fit.nll - 1e-14);
  }
}

TEST_CASE("a temperature fit ignores offsets and follows the scale of the scores") {
  auto trace = calibrated_trace(1, 300, 4, 1.5);
  const double before = fit_temperature(every_point(trace)).temperature;
  for (auto& z : trace.scores) z = 1000.0 * z + 7.0;
  REQUIRE(fit_temperature(every_point(trace)).temperature == Approx(1000.0 * before).epsilon(1e-8));
}

TEST_CASE("temperatures fitted per step grow in proportion to accumulated time") {
  const auto trace = calibrated_trace(8, 400, 5, 2.0);
  const auto fits = fit_temperature_per_step(trace);
  REQUIRE(fits.size() == 8);
  for (std::size_t t = 1; t < 8; ++t) {
    REQUIRE(fits[t].temperature ==
            Approx(static_cast<double>(t + 1) * fits[0].temperature).epsilon(1e-7));
  }
}

TEST_CASE("temperature scaling at the end of the run calibrates it") {
  const auto trace = calibrated_trace(3, 20'000, 10, 2.0);
  const auto rows = last_points(trace);
  const double a = fit_temperature(rows).temperature;
  const double bias = std::sqrt(15.0 / 20'000);
  REQUIRE(reliability(rows, a).ece < bias);
  REQUIRE(reliability(rows, 1.0).ece > 3 * bias);
  REQUIRE(proper_scores(rows, a).nll < proper_scores(rows, 1.0).nll);
}

TEST_CASE("samples with many decision points weigh no more than others in the fit over all") {
  EventTrace trace(1.0, 2);
  trace.add_sample(0);
  for (int k = 0; k < 9; ++k) trace.add_point(0.1 * k, std::vector{1.0, 0.0});
  trace.add_point(1.0, std::vector{1.0, 0.0});
  trace.add_sample(1);
  trace.add_point(1.0, std::vector{2.0, 0.0});
  trace.add_sample(0);
  trace.add_point(1.0, std::vector{2.0, 0.0});
  // NLL'(b) = [ (sigma(b) - 1) + 2 sigma(2b) + 2 (sigma(2b) - 1) ] / 3, one term per sample.
  const double b = 1.0 / fit_temperature(every_point(trace)).temperature;
  const auto sigma = [](double x) { return 1.0 / (1.0 + std::exp(-x)); };
  REQUIRE(sigma(b) - 1.0 + 4.0 * sigma(2.0 * b) - 2.0 == Approx(0.0).margin(1e-8));
}

TEST_CASE("a fit without a minimum says so and stays finite") {
  SECTION("every answer right") {
    const std::vector<double> z{2.0, 0.0};
    const std::vector<LabelledScores> rows{{z, 0}, {z, 0}};
    const auto fit = fit_temperature(rows);
    REQUIRE_FALSE(fit.interior);
    REQUIRE(fit.temperature == Approx(1e-3));  // the spread of the scores is 1
  }
  SECTION("every answer wrong") {
    const std::vector<double> z{2.0, 0.0};
    const std::vector<LabelledScores> rows{{z, 1}, {z, 1}};
    const auto fit = fit_temperature(rows);
    REQUIRE_FALSE(fit.interior);
    REQUIRE(fit.temperature == Approx(1e3));
  }
  SECTION("no evidence at all") {
    const std::vector<double> z{5.0, 5.0, 5.0};
    const std::vector<LabelledScores> rows{{z, 1}};
    const auto fit = fit_temperature(rows);
    REQUIRE_FALSE(fit.interior);
    REQUIRE(fit.temperature == 1.0);
    REQUIRE(fit.nll == Approx(std::log(3.0)));
  }
}

TEST_CASE("calibration of nothing, or of what is no probability, is refused") {
  const std::vector<std::uint8_t> one{1};
  REQUIRE_THROWS_AS(reliability(std::vector<double>{}, std::vector<std::uint8_t>{}), InvalidValue);
  REQUIRE_THROWS_AS(reliability(std::vector{0.5, 0.5}, one), InvalidValue);
  REQUIRE_THROWS_AS(reliability(std::vector{1.5}, one), InvalidValue);
  REQUIRE_THROWS_AS(reliability(std::vector{std::nan("")}, one), InvalidValue);
  REQUIRE_THROWS_AS(reliability(std::vector{0.5}, one, 0), InvalidValue);
  REQUIRE_THROWS_AS(fit_temperature({}), InvalidValue);
  REQUIRE_THROWS_AS(proper_scores({}, 1.0), InvalidValue);
}

TEST_CASE("fits per step refuse steps that are not there and traces without steps") {
  const auto trace = calibrated_trace(2, 3, 2, 1.0);
  REQUIRE_THROWS_AS(points_of_step(trace, 2), InvalidValue);
  EventTrace events(1.0, 2);
  events.add_sample(0);
  events.add_point(1.0, std::vector{0.0, 1.0});
  REQUIRE_THROWS_AS(points_of_step(events, 0), Unsupported);
  REQUIRE_THROWS_AS(fit_temperature_per_step(events), Unsupported);
}
