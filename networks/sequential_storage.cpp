/// Spikes between the way forward and the way back: a bit each. The next stage reads numbers, so they
/// are those again while it works, in buffers that the stages of a chunk hand on to each other.

#include <algorithm>

#include "networks/activity_rows.hpp"
#include "networks/sequential.hpp"

namespace ranvier {

template <class Real>
void Sequential<Real>::find_readers() {
  std::vector<std::size_t> last(nodes_.size());
  for (std::size_t k = 0; k < nodes_.size(); ++k) {
    for (const auto from : {nodes_[k].input, nodes_[k].add}) {
      if (from == encoded) continue;
      last[from] = k;
      nodes_[from].feeds_pool |= nodes_[k].stage->pooled() != nullptr;
    }
  }
  for (std::size_t k = 0; k < nodes_.size(); ++k) {
    if (last[k] > k) nodes_[last[k]].last_read.push_back(k);
  }
}

template <class Real>
void Sequential<Real>::store_spikes(std::size_t k, SequentialTrace<Real>& trace) const {
  auto& node = trace.nodes[k];
  const bool on_the_way_back = trace.epoch > 0;
  if (!on_the_way_back || !nodes_[k].stage->spiking()) return;
  if (node.bits.take(std::span<const Real>(node.output))) give_back(trace, node.output);
}

template <class Real>
void Sequential<Real>::recall_spikes(std::size_t k, SequentialTrace<Real>& trace) const {
  if (k == encoded) return;
  auto& node = trace.nodes[k];
  if (node.bits.empty() || !node.output.empty()) return;
  node.output = take(trace, node.bits.size());
  node.bits.write(std::span<Real>(node.output));
}

/// Once a node has been pulled back nobody reads its output but pooled synapses, which learn at the end.
template <class Real>
void Sequential<Real>::let_go(std::size_t k, SequentialTrace<Real>& trace) const {
  auto& node = trace.nodes[k];
  if (!node.bits.empty() && !nodes_[k].feeds_pool) give_back(trace, node.output);
}

template <class Real>
std::span<const Real> Sequential<Real>::stored_output(std::size_t k,
                                                      const SequentialTrace<Real>& trace,
                                                      std::vector<Real>& room) const {
  const auto& node = trace.nodes[k];
  if (node.bits.empty() || !node.output.empty()) return node.output;
  room.resize(node.bits.size());
  node.bits.write(std::span<Real>(room));
  return room;
}

template class Sequential<float>;
template class Sequential<double>;

}  // namespace ranvier
