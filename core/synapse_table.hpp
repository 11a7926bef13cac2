#pragma once

/// The synapses of a projection, one entry each, in order of (source, target, delay); those of a pair
/// with equal delays as their rule drew them. The order depends on network and seed alone.

#include <vector>

#include "core/population.hpp"

namespace ranvier {

struct SynapseTable {
  std::vector<NeuronId> sources, targets;
  std::vector<double> weights;
  std::vector<double> delays;  ///< ms

  std::size_t size() const noexcept { return sources.size(); }
};

}  // namespace ranvier
