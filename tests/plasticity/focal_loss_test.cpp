#include <cmath>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "plasticity/focal_loss.hpp"
#include "plasticity/loss.hpp"
#include "tests/catch.hpp"
#include "tests/core/gradient_check.hpp"

using namespace ranvier;

namespace {

std::string text(const char* value) { return value; }

std::vector<double> probabilities(const std::vector<double>& z, double temperature) {
  double sum = 0.0;
  std::vector<double> p;
  for (const double score : z) p.push_back(std::exp(score / temperature));
  for (const double q : p) sum += q;
  for (double& q : p) q /= sum;
  return p;
}

double loss_of(Focal kind, double gamma, double temperature, const std::vector<double>& z,
               std::size_t label) {
  std::vector<double> grad(z.size());
  return focal_loss(kind, gamma, temperature, z, label, grad);
}

constexpr std::size_t steps = 4, samples = 3, classes = 5;
const std::vector<std::uint8_t> labels{2, 0, 4};

std::vector<double> irregular_output() {
  std::vector<double> values(steps * samples * classes);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::sin(1.0 + 1.7 * double(i));
  return values;
}

double evaluated(const std::string& name, const std::vector<double>& values,
                 const ValueMap& parameters, std::span<double> grad = {}) {
  return losses()
      .at(name)
      .make<double>(parameters)
      ->evaluate({values, steps, samples, classes}, {labels}, 1.0, grad)
      .loss;
}

}  // namespace

TEST_CASE("focal and dual focal loss are their formulas, the dual one with the class right after") {
  const std::vector<double> z{0.3, 1.4, -0.6, 0.9};
  const double a = 1.3, gamma = 2.5;
  const auto p = probabilities(z, a);
  const auto equals = [](double x) { return Approx(x).epsilon(1e-13); };
  for (std::size_t y = 0; y < z.size(); ++y) {
    CHECK(loss_of(Focal::focal, gamma, a, z, y) ==
          equals(-std::pow(1.0 - p[y], gamma) * std::log(p[y])));
  }
  // In falling order the classes are 1, 3, 0, 2.
  const std::vector<std::size_t> after{2, 3, 2, 0};
  for (const std::size_t y : {0u, 1u, 3u}) {
    CHECK(loss_of(Focal::dual_focal, gamma, a, z, y) ==
          equals(-std::pow(1.0 - p[y] + p[after[y]], gamma) * std::log(p[y])));
  }
  CHECK(loss_of(Focal::dual_focal, gamma, a, z, 2) == loss_of(Focal::focal, gamma, a, z, 2));
}

TEST_CASE("with gamma 0 both are cross-entropy, in value and gradient") {
  const auto values = irregular_output();
  std::vector<double> plain(values.size()), focal(values.size());
  for (const std::string name : {"every_step", "last_membrane", "spike_count"}) {
    const double expected = evaluated(name, values, {{"temperature", 1.7}}, plain);
    for (const char* kind : {"focal", "dual_focal"}) {
      const double found = evaluated(
          name, values, {{"temperature", 1.7}, {"focal", text(kind)}, {"gamma", 0.0}}, focal);
      CHECK(found == Approx(expected).epsilon(1e-14));
      for (std::size_t i = 0; i < values.size(); ++i) {
        CHECK(focal[i] == Approx(plain[i]).epsilon(1e-12).margin(1e-15));
      }
    }
  }
}

TEST_CASE("the gradients of the focal losses and of the pull equal finite differences") {
  for (const std::string name : {"every_step", "mean_membrane", "max_membrane"}) {
    for (const char* kind : {"none", "focal", "dual_focal"}) {
      for (const double gamma : {0.5, 1.0, 3.0}) {
        INFO(name << " " << kind << " " << gamma);
        ValueMap parameters{{"focal", text(kind)}, {"gamma", gamma}, {"temperature", 1.3}};
        if (name == "every_step") {
          parameters["mse_share"] = 0.2;
          parameters["readout"] = text("last");
        }
        auto values = irregular_output();
        std::vector<double> gradient(values.size());
        evaluated(name, values, parameters, gradient);
        const double error = gradient_error(values, gradient, 1.0,
                                            [&] { return evaluated(name, values, parameters); });
        CHECK(error < gradient_tolerance);
      }
    }
  }
}

TEST_CASE("the focal losses stay finite where a probability rounds to 0 or 1") {
  const std::vector<double> z{800.0, 0.0, -800.0};
  std::vector<double> grad(3);
  for (const auto kind : {Focal::focal, Focal::dual_focal}) {
    for (const double gamma : {0.0, 0.5, 3.0}) {
      CHECK(focal_loss(kind, gamma, 1.0, z, 0, grad) == Approx(0.0).margin(1e-300));
      for (const double g : grad) CHECK(std::isfinite(g));
      CHECK(focal_loss(kind, gamma, 1.0, z, 2, grad) == Approx(1600.0));
      for (const double g : grad) CHECK(std::isfinite(g));
    }
  }
}

TEST_CASE("a share of the loss over all steps is the square distance of the scores from a target") {
  const auto values = irregular_output();
  double squares = 0.0;
  for (const double z : values) squares += (z - 1.0) * (z - 1.0) / (classes * steps);
  const ValueMap readout{{"readout", text("last")}};
  const double cross_entropy = evaluated("every_step", values, readout);
  ValueMap pulled = readout;
  pulled["mse_share"] = 0.001;
  CHECK(evaluated("every_step", values, pulled) ==
        Approx(0.999 * cross_entropy + 0.001 * squares).epsilon(1e-13));
}

TEST_CASE("a focal loss of smoothed labels is refused") {
  CHECK_THROWS_WITH(losses()
                        .at("last_membrane")
                        .make<double>({{"focal", text("focal")}, {"label_smoothing", 0.1}}),
                    Catch::Contains("expected a label_smoothing of 0"));
}
