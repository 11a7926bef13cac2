#pragma once

/// Error transports: from the error of the postsynaptic neurons to that of the presynaptic ones.

#include <cstddef>
#include <span>

#include "plasticity/kind.hpp"

namespace ranvier {

template <class Real>
class ErrorTransport {
 public:
  virtual ~ErrorTransport() = default;

  /// Writes `presynaptic` [rows][inputs] from `error` [rows][outputs] and the forward `weights`
  /// [outputs][inputs].
  virtual void transport(std::size_t rows, std::span<const Real> weights,
                         std::span<const Real> error, std::span<Real> presynaptic) const = 0;
};

/// All error transports known to this process.
Registry<Kind<ErrorTransport>>& error_transports();

}  // namespace ranvier
