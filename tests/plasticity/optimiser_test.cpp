#include "plasticity/optimiser.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "core/error.hpp"
#include "tests/catch.hpp"

using namespace ranvier;

namespace {

const std::vector<double> gradients{0.5, -1.25, 0.75, 2.0, -0.1};

/// A single weight after each update along `gradients`.
std::vector<double> course(const std::string& name, const ValueMap& parameters, double weight,
                           double factor = 1.0) {
  const auto optimiser = optimisers().at(name).make<double>(parameters);
  OptimiserState<double> state;
  std::vector<double> w{weight}, course;
  for (const double g : gradients) {
    optimiser->update(std::vector<double>{g}, factor, w, state);
    course.push_back(w[0]);
  }
  return course;
}

void check(const std::vector<double>& found, const std::vector<double>& expected) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    CHECK(found[i] == Approx(expected[i]).epsilon(1e-13));  // five updates of some ten roundings
  }
}

}  // namespace

TEST_CASE("sgd without momentum walks along the gradients") {
  check(course("sgd", {{"momentum", 0.0}, {"learning_rate", 0.1}}, 1.0),
        {0.95, 1.075, 1.0, 0.8, 0.81});
}

TEST_CASE("sgd with momentum sums the gradients, each fading by the momentum") {
  const double mu = 0.8, rate = 0.1;
  std::vector<double> plain, nesterov;
  double w = 1.0, w_nesterov = 1.0;
  for (std::size_t t = 0; t < gradients.size(); ++t) {
    double velocity = 0.0;  // sum_s mu^(t-s) g_s
    for (std::size_t s = 0; s <= t; ++s) velocity += std::pow(mu, double(t - s)) * gradients[s];
    plain.push_back(w -= rate * velocity);
    nesterov.push_back(w_nesterov -= rate * (gradients[t] + mu * velocity));
  }
  const ValueMap values{{"momentum", mu}, {"learning_rate", rate}};
  check(course("sgd", values, 1.0), plain);
  auto look_ahead = values;
  look_ahead["nesterov"] = true;
  check(course("sgd", look_ahead, 1.0), nesterov);
}

TEST_CASE("weight decay of sgd pulls the weights to zero") {
  double w = 1.0;
  std::vector<double> expected;
  for (const double g : gradients) expected.push_back(w = w * (1.0 - 0.1 * 0.2) - 0.1 * g);
  check(course("sgd", {{"momentum", 0.0}, {"learning_rate", 0.1}, {"weight_decay", 0.2}}, 1.0),
        expected);
}

TEST_CASE("adam divides the mean gradient by the root of the mean square") {
  const double b1 = 0.9, b2 = 0.999, rate = 0.01, epsilon = 1e-8;
  std::vector<double> expected;
  double w = 1.0;
  for (std::size_t t = 1; t <= gradients.size(); ++t) {
    double m = 0.0, v = 0.0;  // the moments as weighted sums, then normalised by their weights
    for (std::size_t s = 1; s <= t; ++s) {
      const double g = gradients[s - 1];
      m += (1 - b1) * std::pow(b1, double(t - s)) * g;
      v += (1 - b2) * std::pow(b2, double(t - s)) * g * g;
    }
    m /= 1 - std::pow(b1, double(t));
    v /= 1 - std::pow(b2, double(t));
    expected.push_back(w -= rate * m / (std::sqrt(v) + epsilon));
  }
  check(course("adam", {{"learning_rate", rate}}, 1.0), expected);
}

TEST_CASE("the first step of adam has the size of the learning rate") {
  // m = g, sqrt(v) = |g|: off by epsilon/|g|.
  CHECK(course("adam", {{"learning_rate", 0.01}}, 0.0)[0] == Approx(-0.01).epsilon(1e-7));
}

TEST_CASE("decoupled decay leaves the moments of adam alone, coupled decay does not") {
  const ValueMap values{{"learning_rate", 0.01}, {"weight_decay", 0.5}};
  const auto bare = course("adam", {{"learning_rate", 0.01}}, 1.0);
  double w = 1.0, before = 1.0;
  std::vector<double> expected;
  for (const double now : bare) {
    expected.push_back(w = w * (1 - 0.01 * 0.5) + (now - before));
    before = now;
  }
  check(course("adam", values, 1.0), expected);
  auto coupled = values;
  coupled["decoupled"] = false;
  // With decay the first gradient is 0.5 + 0.5 w = 1, and the step is still one learning rate.
  CHECK(course("adam", coupled, 1.0)[0] == Approx(0.99).epsilon(1e-8));
}

TEST_CASE("the schedule's factor scales the learning rate") {
  check(course("sgd", {{"learning_rate", 0.1}}, 1.0, 0.25),
        course("sgd", {{"learning_rate", 0.025}}, 1.0));
  check(course("adam", {{"learning_rate", 0.1}, {"weight_decay", 0.3}}, 1.0, 0.25),
        course("adam", {{"learning_rate", 0.025}, {"weight_decay", 0.3}}, 1.0));
}

TEST_CASE("every optimiser finds the minimum of a quadratic") {
  // L = sum_i c_i (w_i - i)^2 / 2 with curvatures from 0.5 to 2.
  const auto distance = [](const std::string& name, double rate) {
    const auto optimiser = optimisers().at(name).make<double>({{"learning_rate", rate}});
    OptimiserState<double> state;
    std::vector<double> w(4), g(4);
    for (int update = 0; update < 2000; ++update) {
      for (std::size_t i = 0; i < 4; ++i) g[i] = 0.5 * double(i + 1) * (w[i] - double(i));
      // A falling rate, without which adam circles the minimum at a distance of a step.
      optimiser->update(g, 1.0 - update / 2000.0, w, state);
    }
    double worst = 0.0;
    for (std::size_t i = 0; i < 4; ++i) worst = std::max(worst, std::abs(w[i] - double(i)));
    return worst;
  };
  // Heavy-ball momentum 0.9 shrinks the error by sqrt(0.9) an update: 0.95^1000 is 1e-22.
  CHECK(distance("sgd", 0.05) < 1e-12);
  // The last steps of adam are one to ten thousandths of the rate.
  CHECK(distance("adam", 0.05) < 1e-4);
}

TEST_CASE("training goes on from a stored state as if it had not stopped") {
  for (const auto& [name, kind] : optimisers()) {
    INFO(name);
    const auto optimiser = kind.make<float>();
    std::vector<float> unbroken{1.0f, -2.0f}, resumed = unbroken;
    const std::vector<float> g{0.3f, -0.7f};
    OptimiserState<float> state, stored;
    for (int i = 0; i < 6; ++i) optimiser->update(g, 1.0, unbroken, state);
    for (int i = 0; i < 3; ++i) optimiser->update(g, 1.0, resumed, stored);
    OptimiserState<float> restored{stored.updates, stored.first, stored.second};
    const auto again = kind.make<float>();
    for (int i = 0; i < 3; ++i) again->update(g, 1.0, resumed, restored);
    CHECK(unbroken == resumed);
  }
}

TEST_CASE("an optimiser refuses gradients and states that do not fit, and those not finite") {
  for (const auto& [name, kind] : optimisers()) {
    INFO(name);
    const auto optimiser = kind.make<double>();
    OptimiserState<double> state;
    std::vector<double> w(3, 1.0);
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_AS(optimiser->update(std::vector<double>(2), 1.0, w, state), InvalidValue);
    CHECK_THROWS_WITH(optimiser->update(std::vector<double>{0.0, nan, 0.0}, 1.0, w, state),
                      Catch::Contains("gradient of weight 1 at update 1 is nan"));
    CHECK(w == std::vector<double>(3, 1.0));
    OptimiserState<double> other{1, {0.0}, {0.0}};
    CHECK_THROWS_AS(optimiser->update(std::vector<double>(3), 1.0, w, other), InvalidValue);
  }
}
