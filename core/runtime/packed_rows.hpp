#pragma once

/// How the clock runtime stores synapses: the rows of a bundle of projections onto the neurons of
/// one thread, packed into what a delivery reads and nothing else.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/bundle.hpp"
#include "core/large_array.hpp"
#include "core/network.hpp"
#include "core/population.hpp"
#include "core/runtime/cell_layout.hpp"
#include "core/runtime/packed_column.hpp"
#include "core/runtime/row_sharing.hpp"
#include "core/time_grid.hpp"

namespace ranvier {

/// Consecutive synapses of a row that share their delay.
struct Segment {
  std::uint16_t delay;  ///< steps
  std::uint16_t count;
};

/// Rows by source. Inside a row synapses are in order of delay; those of one delay are in order of
/// projection and, inside a projection, as its rule drew them. A cell takes 2 bytes where those of a
/// bundle span no more than 65536, else 4; a weight 4 where a float is exact, else 8, and none where
/// all are equal; a delay none: segments have it. Weights of a plastic bundle are as wide as
/// they are asked for. Of an instantaneous bundle rows that are alike but for a shift of their cells are
/// stored once.
class PackedRows {
 public:
  PackedRows() = default;

  /// Draws the synapses of a bundle onto a thread's neurons. Throws what SynapseDrawer throws.
  /// `scratch` is memory that the next bundle can use again. `plastic_bytes`: of each weight of a
  /// plastic bundle, a float or a double.
  PackedRows(const Network& network, const Bundle& bundle, std::uint64_t seed,
             const CellLayout& layout, const TimeGrid& grid, LargeArray<std::byte>& scratch,
             std::size_t plastic_bytes);

  std::size_t size() const { return synapses_; }
  std::size_t bytes() const;

  /// What so many synapses will take. `weight_bytes`: of each; `segments`: 0 where all delays are
  /// equal.
  static double bytes_of(double sources, double synapses, double cell_bytes, double weight_bytes,
                         double segments);

  /// Whether any of the cells [first, last) lies between the lowest and the highest that synapses may
  /// lead to.
  bool spans(std::size_t first, std::size_t last) const {
    return size() > 0 && first < end_cell_ && last > first_cell_;
  }

  std::size_t shortest_delay() const { return shortest_delay_; }  ///< steps; 0 without synapses
  std::size_t longest_delay() const { return longest_delay_; }

  /// Calls `take(delay, begin, count)` for every piece of a row, in order of delay.
  template <class Take>
  void for_segments(NeuronId source, Take&& take) const {
    const auto row = sharing_.row_of(source);
    auto begin = start_[row];
    if (segment_start_.empty()) {
      const auto count = start_[row + 1] - begin;
      if (count > 0) take(longest_delay_, begin, count);
      return;
    }
    for (auto s = segment_start_[source]; s < segment_start_[source + 1]; ++s) {
      take(std::size_t{segments_[s].delay}, begin, std::uint64_t{segments_[s].count});
      begin += segments_[s].count;
    }
  }

  /// To be added to the cells of a source.
  std::uint32_t shift_of(NeuronId source) const { return sharing_.shift_of(source); }

  std::size_t sources() const { return sharing_.empty() ? start_.size() - 1 : sharing_.row.size(); }

  /// Calls `use(cells, weights, first_cell)` with the columns of a plastic bundle from a synapse on;
  /// cells count from `first_cell` and are, as there is one port, neurons of the thread's range.
  template <class Real, class Use>
  void with_plastic(std::uint64_t begin, Use&& use) {
    auto* weights = plastic_weights<Real>().data() + begin;
    cell_.with_filled([&](const auto* cells) { use(cells + begin, weights, first_cell_); });
  }

  /// Calls `use(cells)` with the column of cells from a synapse on.
  template <class Use>
  void with_cells(std::uint64_t begin, Use&& use) const {
    cell_.with_filled([&](const auto* cells) { use(cells + begin); });
  }

  /// The weights of a plastic bundle that was made with weights of this size.
  template <class Real>
  const LargeArray<Real>& plastic_weights() const {
    if constexpr (std::same_as<Real, float>) {
      return weight_.narrow;
    } else {
      return weight_.wide;
    }
  }
  template <class Real>
  LargeArray<Real>& plastic_weights() {
    return const_cast<LargeArray<Real>&>(std::as_const(*this).template plastic_weights<Real>());
  }

  /// Asks the memory for a piece of a row.
  void prefetch(std::uint64_t begin, std::uint64_t count) const {
    constexpr std::uint64_t line = 64;  // bytes
    const auto fetch = [&](const auto* column) {
      if (column == nullptr) return;
      const auto* first = reinterpret_cast<const char*>(column + begin);
      const auto* last = reinterpret_cast<const char*>(column + begin + count);
      for (const auto* p = first; p < last; p += line) __builtin_prefetch(p);
    };
    cell_.with_filled(fetch);
    weight_.with_filled(fetch);
  }

  /// Adds the weights of the synapses [begin, begin + count) to their cells, which lie a shift before
  /// those of their source where rows are shared.
  template <class Real>
  void deliver(std::uint64_t begin, std::uint64_t count, Real* arrivals) const {
    Real* base = arrivals + first_cell_;
    cell_.with_filled([&](const auto* cells) {
      const auto* cell = cells + begin;
      if (has_common_weight_) {
        const auto weight = static_cast<Real>(common_weight_);
        for (std::uint64_t k = 0; k < count; ++k) base[cell[k]] += weight;
        return;
      }
      weight_.with_filled([&](const auto* weights) {
        const auto* weight = weights + begin;
        for (std::uint64_t k = 0; k < count; ++k) base[cell[k]] += static_cast<Real>(weight[k]);
      });
    });
  }

 private:
  friend class PackedRowsBuilder;

  std::size_t synapses_ = 0;
  RowSharing sharing_;
  std::vector<std::uint64_t> start_;  ///< row of source s: [start_[s], start_[s + 1])
  PackedColumn<std::uint16_t, std::uint32_t> cell_;  ///< relative to first_cell_
  PackedColumn<float, double> weight_;
  std::size_t first_cell_ = 0, end_cell_ = 0;
  bool has_common_weight_ = true;
  double common_weight_ = 0.0;
  std::vector<std::uint64_t> segment_start_;  ///< empty where all have the longest delay
  LargeArray<Segment> segments_;
  std::size_t shortest_delay_ = 0, longest_delay_ = 0;
};

}  // namespace ranvier
