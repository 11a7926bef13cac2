#include "plasticity/loss.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "core/error.hpp"
#include "tests/catch.hpp"
#include "tests/core/gradient_check.hpp"

using namespace ranvier;

namespace {

constexpr std::size_t steps = 5, samples = 3, classes = 4;
const std::vector<std::uint8_t> labels{2, 0, 3};

std::vector<double> irregular_output() {
  std::vector<double> values(steps * samples * classes);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::sin(2.0 + 1.7 * double(i));
  return values;
}

Output<double> window(const std::vector<double>& values) {
  return {values, steps, samples, classes};
}

LossValue evaluated(const std::string& name, const std::vector<double>& values,
                    const ValueMap& parameters = {}) {
  return losses().at(name).make<double>(parameters)->evaluate(window(values), {labels}, 1.0, {});
}

/// Cross-entropy of logits written out.
double cross_entropy(const std::vector<double>& logits, std::size_t label) {
  double sum = 0.0;
  for (const double z : logits) sum += std::exp(z);
  return std::log(sum) - logits[label];
}

/// The output over time of one class of one sample.
std::vector<double> course(const std::vector<double>& values, std::size_t b, std::size_t k) {
  std::vector<double> course;
  for (std::size_t t = 0; t < steps; ++t) {
    course.push_back(values[(t * samples + b) * classes + k]);
  }
  return course;
}

/// Sum over samples of the cross-entropy of `score(course up to step t)`.
template <class Score>
double loss_at(const std::vector<double>& values, std::size_t t, const Score& score) {
  double loss = 0.0;
  for (std::size_t b = 0; b < samples; ++b) {
    std::vector<double> logits;
    for (std::size_t k = 0; k < classes; ++k) {
      auto past = course(values, b, k);
      past.resize(t);
      logits.push_back(score(past));
    }
    loss += cross_entropy(logits, labels[b]);
  }
  return loss;
}

double sum(const std::vector<double>& v) {
  double total = 0.0;
  for (const double x : v) total += x;
  return total;
}
double mean(const std::vector<double>& v) { return sum(v) / static_cast<double>(v.size()); }
double highest(const std::vector<double>& v) { return *std::max_element(v.begin(), v.end()); }
double last(const std::vector<double>& v) { return v.back(); }

}  // namespace

TEST_CASE("each loss is the cross-entropy of its readout") {
  const auto values = irregular_output();
  const auto equals = [](double x) { return Approx(x).epsilon(1e-13); };  // some hundred roundings
  CHECK(evaluated("mean_membrane", values).loss == equals(loss_at(values, steps, mean)));
  CHECK(evaluated("max_membrane", values).loss == equals(loss_at(values, steps, highest)));
  CHECK(evaluated("last_membrane", values).loss == equals(loss_at(values, steps, last)));
  CHECK(evaluated("spike_count", values).loss == equals(loss_at(values, steps, sum)));
  double over_time = 0.0;
  for (std::size_t t = 1; t <= steps; ++t) over_time += loss_at(values, t, sum);
  CHECK(evaluated("every_step", values).loss == equals(over_time / steps));
}

TEST_CASE("an output that favours no class costs ln K per sample") {
  const std::vector<double> even(steps * samples * classes, 0.3);
  for (const auto& [name, kind] : losses()) {
    INFO(name);
    CHECK(evaluated(name, even, {{"label_smoothing", 0.2}, {"temperature", 3.0}}).loss ==
          Approx(samples * std::log(double(classes))).epsilon(1e-14));
  }
}

TEST_CASE("the gradient of every loss equals finite differences") {
  const auto check = [](const std::string& name, ValueMap parameters) {
    INFO(name);
    parameters["temperature"] = 1.3;
    parameters["label_smoothing"] = 0.1;
    const auto loss = losses().at(name).make<double>(parameters);
    auto values = irregular_output();
    std::vector<double> gradient(values.size());
    const double weight = 0.25;
    loss->evaluate(window(values), {labels}, weight, gradient);
    const double error = gradient_error(values, gradient, 1.0, [&] {
      return weight * loss->evaluate(window(values), {labels}, weight, {}).loss;
    });
    CHECK(error < gradient_tolerance);
  };
  for (const auto& [name, kind] : losses()) check(name, {});
  for (const char* readout : {"last", "mean", "max", "sum"}) {
    check("every_step", {{"readout", readout}});
  }
}

TEST_CASE("scores over time are the running readout, the last of them what the loss is made of") {
  const auto values = irregular_output();
  const auto check = [&](const std::string& name, double (*score)(const std::vector<double>&)) {
    INFO(name);
    std::vector<double> scores(values.size());
    losses().at(name).make<double>()->scores_over_time(window(values), scores);
    for (std::size_t t = 0; t < steps; ++t) {
      for (std::size_t b = 0; b < samples; ++b) {
        for (std::size_t k = 0; k < classes; ++k) {
          auto past = course(values, b, k);
          past.resize(t + 1);
          CHECK(scores[(t * samples + b) * classes + k] == Approx(score(past)).epsilon(1e-15));
        }
      }
    }
  };
  check("mean_membrane", mean);
  check("max_membrane", highest);
  check("last_membrane", last);
  check("spike_count", sum);
  check("every_step", sum);
}

TEST_CASE("a sample counts as correct where its label has the highest score, the lowest in a tie") {
  std::vector<double> values(steps * samples * classes);
  values[((steps - 1) * samples + 0) * classes + 2] = 1.0;  // right
  values[((steps - 1) * samples + 2) * classes + 1] = 1.0;  // wrong; sample 1 ties, its label is 0
  CHECK(evaluated("last_membrane", values).correct == 2);
  CHECK(predicted_class(std::vector<double>{0.5, 2.0, 2.0}) == 1);
}

TEST_CASE("scores beyond the range of exp still give a finite loss") {
  std::vector<double> values(steps * samples * classes);
  values[((steps - 1) * samples + 0) * classes + 1] = 1e6;
  CHECK(evaluated("last_membrane", values).loss ==
        Approx(1e6 + 2 * std::log(double(classes))).epsilon(1e-15));
}

TEST_CASE("a label that is no class is refused by the name of its sample") {
  const auto values = irregular_output();
  const std::vector<std::uint8_t> wrong{2, 0, 4};
  const std::vector<std::uint32_t> names{17, 5, 901};
  const auto loss = losses().at("every_step").make<double>();
  CHECK_THROWS_AS(loss->evaluate(window(values), {wrong}, 1.0, {}), InvalidValue);
  CHECK_THROWS_WITH(loss->evaluate(window(values), {wrong, names}, 1.0, {}),
                    "label of sample 901 is 4; expected less than 4, the number of classes");
}

TEST_CASE("an output that is not finite is refused by step and sample") {
  auto values = irregular_output();
  values[(3 * samples + 1) * classes + 2] = std::numeric_limits<double>::quiet_NaN();
  for (const auto& [name, kind] : losses()) {
    INFO(name);
    CHECK_THROWS_AS(evaluated(name, values), InvalidValue);
    CHECK_THROWS_WITH(evaluated(name, values),
                      Catch::Contains("class 2 at step 4 of sample 1 is nan"));
  }
}

TEST_CASE("a loss refuses labels and gradients that do not fit the output") {
  const auto values = irregular_output();
  const auto loss = losses().at("mean_membrane").make<double>();
  const std::vector<std::uint8_t> few{1, 2};
  std::vector<double> small(7);
  CHECK_THROWS_AS(loss->evaluate(window(values), {few}, 1.0, {}), InvalidValue);
  CHECK_THROWS_AS(loss->evaluate(window(values), {labels}, 1.0, small), InvalidValue);
  CHECK_THROWS_AS(loss->evaluate({values, steps, samples, 3}, {labels}, 1.0, {}), InvalidValue);
  CHECK_THROWS_AS(loss->scores_over_time(window(values), small), InvalidValue);
}
