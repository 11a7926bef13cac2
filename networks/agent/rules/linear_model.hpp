#pragma once

/// Least squares and logistic regression on a few features.

#include <span>
#include <vector>

#include <Eigen/Core>

namespace ranvier::agent {

/// intercept + coefficients . features
struct LinearModel {
  double intercept = 0.0;
  std::vector<double> coefficients;

  double at(std::span<const double> features) const;
};

/// Shrinks coefficients of standardised features; large enough to make any data solvable, too small
/// to matter where they decide.
inline constexpr double default_penalty = 1e-4;

/// Smallest mean square error over the rows of `features` [N][F], plus penalty / 2 |w|^2.
LinearModel least_squares(const Eigen::MatrixXd& features, const Eigen::VectorXd& targets,
                          double penalty = default_penalty);

/// Smallest weighted mean of -ln of the probability of `targets` (0 or 1) under sigmoid(w . x + b),
/// plus penalty / 2 (|w|^2 + b^2), which keeps it finite where one target is all there is. Newton's
/// method: the loss is convex.
LinearModel logistic_regression(const Eigen::MatrixXd& features, const Eigen::VectorXd& targets,
                                const Eigen::VectorXd& weights, double penalty = default_penalty);

double sigmoid(double x);

}  // namespace ranvier::agent
