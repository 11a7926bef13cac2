#pragma once

/// Samples as spikes in continuous time: a value from 0 to 1 is one spike, the later the larger,
///
///     t(x) = earliest + x (latest - earliest)
///
/// and every sample has the same spikes of bias beside it, an input each. Samples that are events are
/// taken as they are.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/parameter.hpp"
#include "networks/examples.hpp"

namespace ranvier {

struct SpikeTimeEncoding {
  double earliest = 10.0;
  double latest = 40.0;
  std::vector<double> bias{};  ///< ms, one spike of one more input each

  static std::vector<Field<SpikeTimeEncoding>> fields();

  std::size_t inputs(const Examples& examples) const {
    return examples.shape().size() + bias.size();
  }

  /// Spike times in ms of every input for sample `i` as `epoch` shows it. Throws InvalidValue, naming
  /// the sample, for a value outside 0 to 1.
  std::vector<std::vector<double>> times(const Examples& examples, std::size_t i,
                                         std::uint32_t epoch) const;
};

}  // namespace ranvier
