#pragma once

/// Error transports: from the error of the postsynaptic neurons to that of the presynaptic ones. Each
/// is a matrix shaped as the weights that stands in for them on the way back,
///
///     error_pre = error_post M,    M [outputs][inputs]
///
/// while weight changes are formed with the true presynaptic activity, and the way forward uses the
/// weights. With direct feedback the error of the network's output reaches every hidden layer at once
/// by a matrix [neurons][classes] of its own, and nothing passes from layer to layer.

#include <cstddef>
#include <span>
#include <vector>

#include "core/random.hpp"
#include "plasticity/kind.hpp"

namespace ranvier {

template <class Real>
class ErrorTransport {
 public:
  virtual ~ErrorTransport() = default;

  /// Whether errors come from the output straight to each layer.
  virtual bool direct() const { return false; }
  /// Whether the matrix is drawn once and kept; otherwise it follows from the weights.
  virtual bool has_matrix() const { return false; }
  virtual void draw(const RandomStream& /*stream*/, std::size_t /*outputs*/, std::size_t /*inputs*/,
                    std::span<Real> /*matrix*/) const {}

  /// The matrix for `weights` [outputs][inputs]: `kept`, the weights themselves, or something made
  /// in `scratch`.
  virtual std::span<const Real> matrix(std::span<const Real> weights, std::span<const Real> kept,
                                       std::size_t outputs, std::vector<Real>& scratch) const = 0;
};

/// transpose, feedback_alignment, sign_symmetric, direct_feedback.
Registry<Kind<ErrorTransport>>& error_transports();

}  // namespace ranvier
