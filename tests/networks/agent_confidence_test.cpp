#include <cmath>
#include <limits>
#include <vector>

#include "core/error.hpp"
#include "core/random.hpp"
#include "networks/agent/confidence.hpp"
#include "tests/catch.hpp"
#include "tests/networks/exit_rules.hpp"

using namespace ranvier;
using namespace ranvier::agent;
using ranvier::test::decide;
using ranvier::test::dynamic_confidence;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double epsilon = std::numeric_limits<double>::epsilon();

std::vector<double> random_scores(std::uint32_t sample, std::size_t classes, double scale) {
  auto draws = RandomStream(5, Purpose::stimulus).at(sample, 0);
  std::vector<double> scores(classes);
  for (auto& z : scores) z = scale * draws.normal();
  return scores;
}

}  // namespace

TEST_CASE("the confidence between two classes is the logistic function of their gap over a") {
  const double a = 30.0;
  for (const double gap : {0.0, 1.0, 12.0, 78.0, 400.0}) {
    const double logistic = 1.0 / (1.0 + std::exp(-gap / a));
    REQUIRE(confidence(std::vector{3.0, 3.0 + gap}, a) == Approx(logistic).epsilon(4 * epsilon));
  }
}

TEST_CASE("K tied classes share the confidence equally") {
  for (const std::size_t classes : {2, 3, 10, 1000}) {
    const std::vector<double> tied(classes, -4.0);
    REQUIRE(confidence(tied, 0.5) == 1.0 / static_cast<double>(classes));
    REQUIRE(argmax(tied) == 0);
  }
}

TEST_CASE("the confidence of scores far beyond the range of exp stays a number") {
  REQUIRE(confidence(std::vector{1e6, 1e6 - 1.0, -1e6}, 1.0) ==
          Approx(1.0 / (1.0 + std::exp(-1.0))));
  REQUIRE(confidence(std::vector{-1e300, 1e300}, 1e-3) == 1.0);
}

TEST_CASE("scaling all scores and the temperature together changes no confidence") {
  for (std::uint32_t sample = 0; sample < 50; ++sample) {
    auto scores = random_scores(sample, 10, 5.0);
    const double before = confidence(scores, 3.0);
    const auto answer = argmax(scores);
    for (auto& z : scores) z *= 8.0;
    REQUIRE(confidence(scores, 24.0) == before);  // a power of two: exact
    REQUIRE(argmax(scores) == answer);
    for (auto& z : scores) z *= 0.3;
    // Rounding moves each exponent by a few of its own units in the last place.
    REQUIRE(confidence(scores, 7.2) == Approx(before).epsilon(1e-13));
  }
}

TEST_CASE("the published constants exclude an exit below a gap of 12.2 and force it above 78.1") {
  const auto bracket = gap_bracket(10, 30.0, 0.6);
  REQUIRE(bracket.impossible == Approx(30.0 * std::log(1.5)).epsilon(1e-12));
  REQUIRE(bracket.certain == Approx(30.0 * std::log(13.5)).epsilon(1e-12));
  REQUIRE(bracket.impossible == Approx(12.2).margin(0.05));
  REQUIRE(bracket.certain == Approx(78.1).margin(0.05));
}

TEST_CASE("the gap bracket never contradicts the softmax it spares") {
  for (std::uint32_t sample = 0; sample < 400; ++sample) {
    const std::size_t classes = 2 + sample % 11;
    const auto scores = random_scores(sample, classes, sample % 3 == 0 ? 1.0 : 20.0);
    const auto [best, gap] = leader(scores);
    REQUIRE(best == argmax(scores));
    for (const double a : {0.5, 1.0, 7.0, 30.0}) {
      const double c = confidence(scores, a);
      // The value itself and its neighbours are the hardest thresholds.
      for (const double theta : {0.05, 0.1, 0.5, 0.6, 0.99, 1.0, c, std::nextafter(c, 0.0),
                                 std::min(1.0, std::nextafter(c, 2.0))}) {
        const auto bracket = gap_bracket(classes, a, theta);
        REQUIRE(exceeds(scores, gap, bracket, a, theta) == (c > theta));
      }
    }
  }
}

TEST_CASE("two tied leading classes have no gap and the lower index wins") {
  const auto [best, gap] = leader(std::vector{1.0, 4.0, 4.0, -2.0});
  REQUIRE(best == 1);
  REQUIRE(gap == 0.0);
}

TEST_CASE("the agent stops at the first step whose confidence is strictly above the threshold") {
  const double a = 2.0;
  const std::vector<std::vector<double>> run{{0.0, 0.0}, {0.0, 1.0}, {0.0, 2.0}, {0.0, 3.0}};
  auto agent = dynamic_confidence(a, confidence(run[2], a));
  REQUIRE_FALSE(decide(agent, run[0]));
  REQUIRE(agent.prediction() == 0);
  REQUIRE_FALSE(decide(agent, run[1]));
  REQUIRE_FALSE(decide(agent, run[2]));  // equal is not above
  REQUIRE(decide(agent, run[3]));
  REQUIRE(agent.prediction() == 1);
  REQUIRE(agent.score() == confidence(run[3], a));
  REQUIRE(agent.decisions() == 4);
}

TEST_CASE("nothing of one input reaches the next after a reset") {
  auto agent = dynamic_confidence(1.0, 0.9, 3);
  decide(agent, std::vector{0.0, 5.0, 1.0});
  agent.reset();
  REQUIRE(agent.decisions() == 0);
  REQUIRE(agent.prediction() == 0);
  REQUIRE(agent.score() == 0.0);
  const std::vector<double> undecided{0.1, 0.0, 0.0};
  REQUIRE_FALSE(decide(agent, undecided));
  REQUIRE_FALSE(decide(agent, undecided));
  REQUIRE(decide(agent, undecided));  // forced at its third step, not at its second
}

TEST_CASE("with a threshold of 1 even a saturated confidence stops nothing") {
  auto agent = dynamic_confidence(1.0, 1.0);
  REQUIRE_FALSE(decide(agent, std::vector{0.0, 1e9}));
  REQUIRE(agent.score() == 1.0);
}

TEST_CASE("the agent follows a change in the number of classes") {
  auto agent = dynamic_confidence(1.0, 0.5);
  REQUIRE(decide(agent, std::vector{1.0, 0.0}));
  REQUIRE_FALSE(decide(agent, std::vector{1.0, 0.0, 0.0, 0.0, 0.0, 0.0}));  // e / (e + 5) = 0.35
}

TEST_CASE("a rule takes its parameters by name and has the published threshold") {
  const auto agent = exit_rule("dynamic_confidence", {{"temperature_fit", std::string("fixed")},
                                                      {"temperature", 30.0},
                                                      {"selection", std::string("fixed")}});
  REQUIRE(agent.ready());
  REQUIRE(agent.thresholds() == Thresholds{0.6});
  REQUIRE(agent.findings().front().values == std::vector{30.0});
  REQUIRE_FALSE(exit_rule("dynamic_confidence").ready());
}

TEST_CASE("parameters that no agent can use are refused") {
  const auto assigned = [](const char* name, const Value& value) {
    static_cast<void>(exit_rule("dynamic_confidence", {{name, value}}));
  };
  REQUIRE_THROWS_AS(assigned("temperature", 0.0), InvalidValue);
  REQUIRE_THROWS_AS(assigned("threshold", 1.5), InvalidValue);
  REQUIRE_THROWS_AS(assigned("threshold", 0.0), InvalidValue);
  REQUIRE_THROWS_AS(assigned("allowed_accuracy_loss", -0.1), InvalidValue);
  REQUIRE_THROWS_AS(assigned("selection", std::string("lucky")), InvalidValue);
  REQUIRE_THROWS_AS(assigned("temprature", 1.0), UnknownName);
}

TEST_CASE("temperatures and thresholds out of range are refused") {
  for (const double a : {0.0, -1.0, not_a_number, infinity}) {
    REQUIRE_THROWS_AS(dynamic_confidence(a, 0.5), InvalidValue);
  }
  for (const double theta : {0.0, -0.2, 1.0 + epsilon, not_a_number}) {
    REQUIRE_THROWS_AS(dynamic_confidence(1.0, theta), InvalidValue);
  }
}

TEST_CASE("scores that are not finite, or of a single class, are refused") {
  auto agent = dynamic_confidence(1.0, 0.5);
  REQUIRE_THROWS_AS(decide(agent, std::vector{0.0, not_a_number, 1.0}), InvalidValue);
  REQUIRE_THROWS_AS(decide(agent, std::vector{not_a_number, 0.0}), InvalidValue);
  REQUIRE_THROWS_AS(decide(agent, std::vector{0.0, infinity}), InvalidValue);
  REQUIRE_THROWS_AS(decide(agent, std::vector{1.0}), InvalidValue);
}
