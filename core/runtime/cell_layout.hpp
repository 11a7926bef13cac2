#pragma once

/// Where the sums of what arrives at a thread's neurons lie: one array for all its populations,
/// first the first ports of all, then the second ports, and so on, so that synapses onto one kind of
/// port have numbers close together.

#include <algorithm>
#include <cstddef>
#include <vector>

#include "core/network.hpp"
#include "core/partition.hpp"

namespace ranvier {

class CellLayout {
 public:
  CellLayout(const Network& network, const Partition& partition, unsigned worker) {
    std::size_t most_ports = 0;
    for (std::size_t p = 0; p < network.populations().size(); ++p) {
      ranges_.push_back(partition.range(network.populations()[p].size, worker));
      first_.emplace_back(network.model_of(p).ports.size());
      most_ports = std::max(most_ports, first_.back().size());
    }
    for (std::size_t port = 0; port < most_ports; ++port) {
      for (std::size_t p = 0; p < ranges_.size(); ++p) {
        if (port >= first_[p].size()) continue;
        first_[p][port] = size_;
        size_ += ranges_[p].size();
      }
    }
  }

  std::size_t size() const noexcept { return size_; }
  NeuronRange range(std::size_t population) const { return ranges_[population]; }

  /// Of the first neuron of the population's range.
  std::size_t first(std::size_t population, std::size_t port) const {
    return first_[population][port];
  }

 private:
  std::size_t size_ = 0;
  std::vector<NeuronRange> ranges_;
  std::vector<std::vector<std::size_t>> first_;  ///< [population][port]
};

}  // namespace ranvier
