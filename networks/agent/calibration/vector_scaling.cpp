#include "networks/agent/calibration/vector_scaling.hpp"

#include <cmath>

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include "core/error.hpp"
#include "networks/agent/confidence.hpp"

namespace ranvier::agent {
namespace {

constexpr double penalty = 1e-6;

/// Loss and derivatives by (weights, biases), of scores divided by `unit`.
struct Objective {
  double loss = 0.0;
  Eigen::VectorXd slope;
  Eigen::MatrixXd curvature;
};

class Problem {
 public:
  Problem(std::span<const LabelledScores> rows, double temperature)
      : rows_(rows),
        classes_(static_cast<Eigen::Index>(rows.front().scores.size())),
        unit_(temperature),
        start_(2 * classes_) {
    start_ << Eigen::VectorXd::Ones(classes_), Eigen::VectorXd::Zero(classes_);
    for (const auto& row : rows) total_ += row.weight;
  }

  const Eigen::VectorXd& start() const { return start_; }

  double loss(const Eigen::VectorXd& x) const {
    double sum = 0.0;
    for (const auto& row : rows_) {
      const Eigen::VectorXd s = scaled(scores_of(row), x);
      const double top = s.maxCoeff();
      sum += row.weight * (top + std::log((s.array() - top).exp().sum()) - s[row.label]);
    }
    return sum / total_ + 0.5 * penalty * (x - start_).squaredNorm();
  }

  Objective at(const Eigen::VectorXd& x) const {
    Objective result{.loss = loss(x),
                     .slope = penalty * (x - start_),
                     .curvature = penalty * Eigen::MatrixXd::Identity(2 * classes_, 2 * classes_)};
    for (const auto& row : rows_) {
      const Eigen::VectorXd z = scores_of(row);
      const Eigen::VectorXd s = scaled(z, x);
      Eigen::VectorXd p = (s.array() - s.maxCoeff()).exp();
      p /= p.sum();
      Eigen::VectorXd error = p;
      error[row.label] -= 1.0;
      const double share = row.weight / total_;
      result.slope.head(classes_) += share * error.cwiseProduct(z);
      result.slope.tail(classes_) += share * error;
      const Eigen::MatrixXd spread = share * (Eigen::MatrixXd(p.asDiagonal()) - p * p.transpose());
      result.curvature.topLeftCorner(classes_, classes_) +=
          z.asDiagonal() * spread * z.asDiagonal();
      result.curvature.topRightCorner(classes_, classes_) += z.asDiagonal() * spread;
      result.curvature.bottomLeftCorner(classes_, classes_) += spread * z.asDiagonal();
      result.curvature.bottomRightCorner(classes_, classes_) += spread;
    }
    return result;
  }

  VectorScaling solution(const Eigen::VectorXd& x, int iterations) const {
    VectorScaling result;
    result.iterations = iterations;
    for (Eigen::Index k = 0; k < classes_; ++k) {
      result.weights.push_back(x[k] / unit_);
      result.biases.push_back(x[classes_ + k]);
    }
    result.nll = loss(x) - 0.5 * penalty * (x - start_).squaredNorm();
    return result;
  }

 private:
  Eigen::VectorXd scores_of(const LabelledScores& row) const {
    return Eigen::Map<const Eigen::VectorXd>(row.scores.data(), classes_) / unit_;
  }
  Eigen::VectorXd scaled(const Eigen::VectorXd& z, const Eigen::VectorXd& x) const {
    return x.head(classes_).cwiseProduct(z) + x.tail(classes_);
  }

  std::span<const LabelledScores> rows_;
  Eigen::Index classes_;
  double unit_, total_ = 0.0;
  Eigen::VectorXd start_;
};

}  // namespace

void VectorScaling::apply(std::span<const double> scores, std::span<double> probabilities) const {
  std::vector<double> scaled(scores.size());
  for (std::size_t k = 0; k < scores.size(); ++k) scaled[k] = weights[k] * scores[k] + biases[k];
  softmax(scaled, 1.0, probabilities);
}

VectorScaling fit_vector_scaling(std::span<const LabelledScores> rows) {
  if (rows.empty()) throw InvalidValue("the vector scaling was given no samples");
  const Problem problem(rows, fit_temperature(rows).temperature);
  Eigen::VectorXd x = problem.start();
  int iterations = 0;
  while (iterations < 100) {
    ++iterations;
    const auto here = problem.at(x);
    const Eigen::VectorXd step = here.curvature.ldlt().solve(here.slope);
    double length = 1.0;
    double next = problem.loss(x - step);
    while (!(next <= here.loss) && length > 1e-10) {
      length /= 2.0;
      next = problem.loss(x - length * step);
    }
    if (!(next <= here.loss)) break;
    x -= length * step;
    if (here.loss - next <= 1e-12 * (1.0 + std::abs(here.loss))) break;
  }
  return problem.solution(x, iterations);
}

}  // namespace ranvier::agent
