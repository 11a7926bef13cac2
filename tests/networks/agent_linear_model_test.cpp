#include <cmath>
#include <vector>

#include "core/random.hpp"
#include "networks/agent/rules/linear_model.hpp"
#include "tests/catch.hpp"

using namespace ranvier;
using namespace ranvier::agent;

namespace {

/// Rows of three features of different scale, the last of them constant.
Eigen::MatrixXd irregular_features(Eigen::Index rows) {
  Eigen::MatrixXd features(rows, 3);
  auto draws = RandomStream(81, Purpose::stimulus).at(0, 0);
  for (Eigen::Index i = 0; i < rows; ++i) {
    features.row(i) << draws.normal(), 100.0 + 30.0 * draws.normal(), 7.0;
  }
  return features;
}

}  // namespace

TEST_CASE("least squares without a penalty finds a plane exactly, a constant feature left out") {
  const auto x = irregular_features(50);
  const Eigen::VectorXd y = (2.0 - 3.0 * x.col(0).array() + 0.25 * x.col(1).array()).matrix();
  const auto model = least_squares(x, y, 1e-14);
  CHECK(model.coefficients[0] == Approx(-3.0).epsilon(1e-9));
  CHECK(model.coefficients[1] == Approx(0.25).epsilon(1e-9));
  CHECK(model.coefficients[2] == 0.0);
  CHECK(model.at(std::vector{1.0, 4.0, 7.0}) == Approx(0.0).margin(1e-9));
}

TEST_CASE("at a logistic regression the weighted residuals are orthogonal to every feature") {
  const auto x = irregular_features(200);
  Eigen::VectorXd y(200), w(200);
  auto draws = RandomStream(82, Purpose::stimulus).at(0, 0);
  for (Eigen::Index i = 0; i < 200; ++i) {
    y[i] = draws.uniform() < sigmoid(0.5 + 1.5 * x(i, 0)) ? 1.0 : 0.0;
    w[i] = 1.0 + draws.uniform();
  }
  const auto model = logistic_regression(x, y, w, 1e-12);
  double sum = 0.0;
  std::vector<double> moments(2);
  for (Eigen::Index i = 0; i < 200; ++i) {
    const std::vector<double> row{x(i, 0), x(i, 1), x(i, 2)};
    const double residual = w[i] * (sigmoid(model.at(row)) - y[i]);
    sum += residual;
    moments[0] += residual * x(i, 0);
    moments[1] += residual * (x(i, 1) - 100.0) / 30.0;
  }
  // Newton's last step changes the loss by less than 1e-12 of itself.
  CHECK(std::abs(sum) < 1e-3);
  CHECK(std::abs(moments[0]) < 1e-3);
  CHECK(std::abs(moments[1]) < 1e-3);
}

TEST_CASE("a logistic regression of a single outcome is sure but finite") {
  const auto x = irregular_features(40);
  const auto model = logistic_regression(x, Eigen::VectorXd::Ones(40), Eigen::VectorXd::Ones(40));
  const double p = sigmoid(model.at(std::vector{0.0, 100.0, 7.0}));
  CHECK(p > 0.95);
  CHECK(p < 1.0);
}
