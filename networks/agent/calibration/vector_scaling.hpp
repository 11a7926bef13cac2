#pragma once

/// Vector scaling: softmax(w * z + b) with a weight and a bias per class, fitted on held-out data by
/// minimising the negative log-likelihood. More freedom than a temperature; it may change answers.
///
/// Source: C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, ICML 2017, arXiv:1706.04599, section 4.2.

#include <span>
#include <vector>

#include "networks/agent/calibration/temperature.hpp"

namespace ranvier::agent {

struct VectorScaling {
  std::vector<double> weights, biases;  ///< [K]
  double nll = 0.0;                     ///< nats per sample on the data of the fit
  int iterations = 0;

  /// softmax(w * z + b) into `probabilities` [K].
  void apply(std::span<const double> scores, std::span<double> probabilities) const;
};

/// Newton's method from the best temperature, from which a penalty of 1e-6 / 2 in units of the
/// scores' spread keeps a fit of few or perfectly answered samples. Throws InvalidValue for no rows.
VectorScaling fit_vector_scaling(std::span<const LabelledScores> rows);

}  // namespace ranvier::agent
