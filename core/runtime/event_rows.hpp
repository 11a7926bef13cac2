#pragma once

/// The synapses of one projection as the event runtime reads them: compressed rows by source, inside
/// a row by (delay, cell), each column in the narrowest form that holds it exactly. A delivery reads
/// a piece of a row, the synapses that share their delay, from one end to the other. Rows of equal
/// delay that are alike but for a shift of their cells are stored once, and where their cells are
/// mostly neighbours, runs of those are kept in place of cells.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include "core/large_array.hpp"
#include "core/population.hpp"
#include "core/rows.hpp"
#include "core/runtime/cell_run.hpp"
#include "core/runtime/packed_column.hpp"
#include "core/runtime/row_sharing.hpp"

namespace ranvier {

/// A weight that all synapses have, as a column of it.
struct CommonWeight {
  double value = 0.0;
  double operator[](std::size_t /*k*/) const { return value; }
  CommonWeight operator+(std::uint64_t /*k*/) const { return *this; }
};

/// A cell takes 4 bytes, or a run of them 8; a weight none where all are equal, 4 where a float is
/// exact, else 8; a delay none where all are equal, 2 on the grid, 8 off it.
class EventRows {
 public:
  EventRows() = default;

  /// Delays become ticks: steps on the grid, ms off it.
  explicit EventRows(const GridRows& rows);
  explicit EventRows(const ExactRows& rows);

  std::size_t size() const { return synapses_; }
  std::size_t bytes() const;

  /// What so many synapses will take. `weight_bytes` and `delay_bytes`: of each synapse.
  static double bytes_of(double sources, double synapses, double weight_bytes, double delay_bytes);

  std::uint64_t begin_of(NeuronId source) const { return start_[sharing_.row_of(source)]; }
  std::uint64_t end_of(NeuronId source) const { return start_[sharing_.row_of(source) + 1]; }
  /// To be added to the cells of a source.
  std::uint32_t shift_of(NeuronId source) const { return sharing_.shift_of(source); }

  /// The delay of all synapses in ticks, where it is one.
  std::optional<double> common_delay() const {
    return delay_.bytes() == 0 ? std::optional(common_delay_) : std::nullopt;
  }

  /// Delay of synapse k in ticks.
  double delay(std::uint64_t k) const {
    if (!delay_.wide.empty()) return delay_.wide[k];
    return delay_.narrow.empty() ? common_delay_ : delay_.narrow[k];
  }

  /// End of the piece that starts at synapse `begin` of a row that ends at `end`.
  std::uint64_t end_of_piece(std::uint64_t begin, std::uint64_t end) const {
    if (!delay_.wide.empty()) return end_of_equal(delay_.wide.data(), begin, end);
    return delay_.narrow.empty() ? end : end_of_equal(delay_.narrow.data(), begin, end);
  }

  /// Before the shift; where there are no runs.
  std::uint32_t cell(std::uint64_t k) const { return cell_[k]; }

  /// Whether rows are runs of cells. There is one delay then, and a row is one piece.
  bool has_runs() const { return !runs_.empty(); }

  /// How many of the sources, from the first on and up to `most`, lead to the same cells.
  std::size_t count_alike(std::span<const NeuronId> sources, std::size_t most) const {
    const auto end = std::min(sources.size(), most);
    std::size_t count = 1;
    while (count < end && are_alike(sources[0], sources[count])) ++count;
    return count;
  }

  /// Calls `take(run, weights)` for the runs of rows that lead to the same cells: cells before the
  /// shift, and for each source a column with the weights of that run.
  template <std::size_t n, class Take>
  void for_runs(std::span<const NeuronId, n> sources, Take&& take) const {
    const auto shape = shape_of(sources[0]);
    with_weights(0, [&](const auto column) {
      std::array<std::remove_const_t<decltype(column)>, n> weights;
      for (std::size_t k = 0; k < n; ++k) weights[k] = column + begin_of(sources[k]);
      for (auto r = run_start_[shape]; r < run_start_[shape + 1]; ++r) {
        take(runs_[r], weights);
        for (auto& of_source : weights) of_source = of_source + runs_[r].count;
      }
    });
  }

  /// Asks the memory for the synapses from `begin` on.
  void prefetch(std::uint64_t begin) const {
    if (!has_runs()) __builtin_prefetch(cell_.data() + begin);
    weight_.with_filled([&](const auto* weight) {
      if (weight != nullptr) __builtin_prefetch(weight + begin);
    });
  }

  /// Calls `take(cell, weight)` for the synapses [begin, end), with cells before the shift; where
  /// there are no runs.
  template <class Take>
  void for_synapses(std::uint64_t begin, std::uint64_t end, Take&& take) const {
    const auto* const cell = cell_.data() + begin;
    with_weights(begin, [&](auto weights) {
      for (std::uint64_t k = 0; k < end - begin; ++k) {
        take(cell[k], static_cast<double>(weights[k]));
      }
    });
  }

  /// Whether anything is delivered to the cells [first, last).
  bool reaches(std::uint32_t first, std::uint32_t last) const;

 private:
  template <class Delay>
  void take_columns(const Rows<Delay>& rows);
  void pack_rows();
  void share_rows();
  void find_runs();
  bool has_shape(std::size_t shape, std::span<const CellRun> runs) const;
  std::uint32_t shape_of(NeuronId source) const { return shape_[sharing_.row_of(source)]; }
  bool are_alike(NeuronId a, NeuronId b) const {
    return shape_of(a) == shape_of(b) && shift_of(a) == shift_of(b);
  }
  bool reaches(NeuronId source, std::uint32_t first, std::uint32_t last) const;

  /// Calls `use` with the column of weights from synapse `begin` on.
  template <class Use>
  void with_weights(std::uint64_t begin, Use&& use) const {
    if (weight_.bytes() == 0) {
      use(CommonWeight{common_weight_});
    } else {
      weight_.with_filled([&](const auto* weights) { use(weights + begin); });
    }
  }

  template <class Delay>
  static std::uint64_t end_of_equal(const Delay* delay, std::uint64_t begin, std::uint64_t end) {
    auto k = begin + 1;
    while (k < end && delay[k] == delay[begin]) ++k;
    return k;
  }

  std::size_t synapses_ = 0;
  RowSharing sharing_;
  std::vector<std::uint64_t> start_;
  LargeArray<std::uint32_t> cell_;        ///< empty where there are runs
  std::vector<std::uint32_t> shape_;      ///< by distinct row: which runs it has
  std::vector<std::uint64_t> run_start_;  ///< by shape
  std::vector<CellRun> runs_;
  PackedColumn<float, double> weight_;  ///< empty where all have the common weight
  double common_weight_ = 0.0;
  PackedColumn<std::uint16_t, double> delay_;  ///< empty where all have the common delay
  double common_delay_ = 0.0;
};

}  // namespace ranvier
