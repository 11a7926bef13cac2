#pragma once

/// Projections that share rows. All projections from one population whose weights are stored alike
/// are one bundle, and a plastic projection is one of its own: a spike then finds its synapses of equal delay in one piece, whatever populations
/// they lead to, and fewer, longer pieces mean fewer jumps through memory.
///
/// Bundles are part of the convention on sums: what arrives at a port of a neuron at one time is
/// added in order of (emission, bundle, source, projection, order of drawing). They depend on the
/// network alone.

#include <cstddef>
#include <optional>
#include <vector>

#include "core/network.hpp"

namespace ranvier {

enum class WeightStorage {
  common,   ///< one value for all synapses
  drawn,    ///< from distributions, as floats
  listed,   ///< given one by one
  plastic,  ///< changing as the network runs
};

struct Bundle {
  std::size_t source;                    ///< population
  std::vector<std::size_t> projections;  ///< ascending
  WeightStorage storage;
  std::optional<double> common_weight;
  /// Without delay: such a projection is a bundle of its own, delivered when its target is updated.
  bool instantaneous;
};

/// Every projection is in one bundle; bundles are in order of their first projections.
std::vector<Bundle> bundles_of(const Network& network);

}  // namespace ranvier
