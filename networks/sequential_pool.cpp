/// Weights that learn from all chunks of a batch together.

#include <algorithm>
#include <vector>

#include "core/parallel.hpp"
#include "networks/sequential.hpp"

namespace ranvier {
namespace {

/// Chunks of fewer rows are copied into one, as a product of few rows is mostly preparation.
constexpr std::size_t enough_rows = 64;

/// Outputs whose synapses one thread adds up at a time: part of the result, as products of another
/// size may round otherwise.
std::size_t outputs_of_slice(std::size_t inputs) {
  constexpr std::size_t synapses = 65536, multiple = 8;
  return std::max(multiple, synapses / inputs / multiple * multiple);
}

struct Slice {
  std::size_t node, first, count;
};

}  // namespace

template <class Real>
bool Sequential<Real>::pools(std::size_t k) const {
  // A window's activity is gone when the next is run.
  return nodes_[k].stage->pooled() != nullptr && windows().size() == 1;
}

template <class Real>
std::vector<NumberRange> Sequential<Real>::chunk_ranges() const {
  std::vector<NumberRange> ranges;
  for (std::size_t k = 0; k < nodes_.size(); ++k) {
    if (nodes_[k].parameters == 0 || pools(k)) continue;
    ranges.push_back({nodes_[k].first_parameter, nodes_[k].parameters});
  }
  return ranges;
}

/// What stood on both sides of pooled synapses in a chunk.
template <class Real>
SynapticActivity<Real> Sequential<Real>::met(std::size_t k,
                                             const SequentialTrace<Real>& trace) const {
  const auto& stage = *nodes_[k].stage->pooled();
  const auto& node = trace.nodes[k];
  const auto input = activity_of(nodes_[k].input, trace, {0, description_.steps});
  const bool traced = credit_.presynaptic_trace;
  return {.rows = node.error.size() / stage.outputs(),
          .inputs = stage.inputs(),
          .outputs = stage.outputs(),
          .presynaptic = traced ? std::span<const Real>(node.traced) : input.values,
          .error = node.error,
          .spikes = traced || node.record.spikes.empty() ? nullptr : &node.record.spikes};
}

template <class Real>
void Sequential<Real>::join(std::size_t k, std::span<ChunkTask<Real>> chunks,
                            PooledRows<Real>& rows) const {
  rows.activity.clear();
  std::size_t count = 0;
  for (const auto& chunk : chunks) {
    rows.activity.push_back(met(k, *chunk.trace));
    count += rows.activity.back().rows;
  }
  if (count >= chunks.size() * enough_rows || chunks.size() == 1) return;
  const auto whole = rows.activity.front();
  rows.presynaptic.resize(count * whole.inputs);
  rows.error.resize(count * whole.outputs);
  auto presynaptic = rows.presynaptic.begin();
  auto error = rows.error.begin();
  for (const auto& part : rows.activity) {
    presynaptic = std::ranges::copy(part.presynaptic, presynaptic).out;
    error = std::ranges::copy(part.error, error).out;
  }
  rows.activity.assign(1, {.rows = count,
                           .inputs = whole.inputs,
                           .outputs = whole.outputs,
                           .presynaptic = rows.presynaptic,
                           .error = rows.error});
}

template <class Real>
void Sequential<Real>::add_pooled(std::span<ChunkTask<Real>> chunks, std::span<Real> gradient,
                                  std::vector<PooledRows<Real>>& rows, int threads) const {
  std::vector<std::size_t> pooled;
  std::vector<Slice> slices;
  for (std::size_t k = 0; k < nodes_.size(); ++k) {
    if (!pools(k)) continue;
    pooled.push_back(k);
    const auto outputs = nodes_[k].stage->pooled()->outputs();
    const auto size = outputs_of_slice(nodes_[k].stage->pooled()->inputs());
    for (std::size_t first = 0; first < outputs; first += size) {
      slices.push_back({k, first, std::min(size, outputs - first)});
    }
  }
  rows.resize(nodes_.size());
  in_parallel(pooled.size(), threads,
              [&](std::size_t i) { join(pooled[i], chunks, rows[pooled[i]]); });
  in_parallel(slices.size(), threads, [&](std::size_t i) {
    const auto& slice = slices[i];
    const auto& node = nodes_[slice.node];
    for (auto part : rows[slice.node].activity) {
      part.error_stride = part.outputs;
      part.error = part.error.subspan(slice.first);
      part.outputs = slice.count;
      node.stage->pooled()->accumulate(part, slice.first,
                                       gradient.subspan(node.first_parameter, node.parameters));
    }
  });
}

template class Sequential<float>;
template class Sequential<double>;

}  // namespace ranvier
