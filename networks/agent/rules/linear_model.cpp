#include "networks/agent/rules/linear_model.hpp"

#include <cmath>

#include <Eigen/Cholesky>

namespace ranvier::agent {
namespace {

/// Features of mean 0 and variance 1, a constant one as zeros, and the way back.
struct Standardised {
  Eigen::RowVectorXd mean, scale;  ///< scale is 0 for a constant feature
  Eigen::MatrixXd values;

  explicit Standardised(const Eigen::MatrixXd& features)
      : mean(features.colwise().mean()), values(features.rowwise() - mean) {
    const double rows = static_cast<double>(features.rows());
    scale = (values.colwise().squaredNorm() / rows).cwiseSqrt();
    for (Eigen::Index f = 0; f < scale.size(); ++f) {
      scale[f] = scale[f] > 1e-12 ? 1.0 / scale[f] : 0.0;
    }
    values = values * scale.asDiagonal();
  }

  LinearModel model(double intercept, const Eigen::VectorXd& weights) const {
    LinearModel result{.intercept = intercept, .coefficients = {}};
    for (Eigen::Index f = 0; f < scale.size(); ++f) {
      const double coefficient = weights[f] * scale[f];
      result.coefficients.push_back(coefficient);
      result.intercept -= coefficient * mean[f];
    }
    return result;
  }
};

/// ln(1 + e^x)
double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

}  // namespace

double LinearModel::at(std::span<const double> features) const {
  double sum = intercept;
  for (std::size_t f = 0; f < coefficients.size(); ++f) sum += coefficients[f] * features[f];
  return sum;
}

double sigmoid(double x) {
  return x >= 0.0 ? 1.0 / (1.0 + std::exp(-x)) : std::exp(x) / (1.0 + std::exp(x));
}

LinearModel least_squares(const Eigen::MatrixXd& features, const Eigen::VectorXd& targets,
                          double penalty) {
  const Standardised x(features);
  const double rows = static_cast<double>(features.rows());
  const double mean = targets.mean();
  Eigen::MatrixXd normal = x.values.transpose() * x.values / rows;
  normal.diagonal().array() += penalty;
  const Eigen::VectorXd moment = x.values.transpose() * (targets.array() - mean).matrix() / rows;
  return x.model(mean, normal.ldlt().solve(moment));
}

LinearModel logistic_regression(const Eigen::MatrixXd& features, const Eigen::VectorXd& targets,
                                const Eigen::VectorXd& weights, double penalty) {
  const Standardised standardised(features);
  const auto columns = features.cols();
  Eigen::MatrixXd x(features.rows(), columns + 1);
  x << standardised.values, Eigen::VectorXd::Ones(features.rows());
  const double total = weights.sum();

  const auto loss = [&](const Eigen::VectorXd& w) {
    const Eigen::VectorXd score = x * w;
    double sum = 0.0;
    for (Eigen::Index i = 0; i < score.size(); ++i) {
      sum += weights[i] * (softplus(score[i]) - targets[i] * score[i]);
    }
    return sum / total + 0.5 * penalty * w.squaredNorm();
  };
  Eigen::VectorXd w = Eigen::VectorXd::Zero(columns + 1);
  double present = loss(w);
  for (int iteration = 0; iteration < 100; ++iteration) {
    const Eigen::VectorXd p = (x * w).unaryExpr(&sigmoid);
    const Eigen::VectorXd slope =
        x.transpose() * (weights.array() * (p - targets).array()).matrix() / total + penalty * w;
    const Eigen::VectorXd curvature = weights.array() * p.array() * (1.0 - p.array()) / total;
    Eigen::MatrixXd hessian = x.transpose() * curvature.asDiagonal() * x;
    hessian.diagonal().array() += penalty;
    const Eigen::VectorXd step = hessian.ldlt().solve(slope);
    double length = 1.0, next = loss(w - step);
    while (!(next <= present) && length > 1e-8) {
      length /= 2.0;
      next = loss(w - length * step);
    }
    w -= length * step;
    const bool settled = present - next <= 1e-12 * (1.0 + std::abs(present));
    present = next;
    if (settled) break;
  }
  return standardised.model(w[columns], w.head(columns));
}

}  // namespace ranvier::agent
