#pragma once

/// The synapses of one projection as the event runtime reads them: compressed rows by source, inside
/// a row by (delay, cell), each column in the narrowest form that holds it exactly. A delivery reads
/// a piece of a row, the synapses that share their delay, from one end to the other. Rows of equal
/// delay that are alike but for a shift of their cells are stored once.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/large_array.hpp"
#include "core/population.hpp"
#include "core/rows.hpp"
#include "core/runtime/packed_column.hpp"
#include "core/runtime/row_sharing.hpp"

namespace ranvier {

/// A cell takes 4 bytes; a weight none where all are equal, 4 where a float is exact, else 8; a delay
/// none where all are equal, 2 on the grid, 8 off it.
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

  /// Before the shift.
  std::uint32_t cell(std::uint64_t k) const { return cell_[k]; }

  /// Asks the memory for the synapses from `begin` on.
  void prefetch(std::uint64_t begin) const {
    __builtin_prefetch(cell_.data() + begin);
    weight_.with_filled([&](const auto* weight) {
      if (weight != nullptr) __builtin_prefetch(weight + begin);
    });
  }

  /// Calls `take(cell, weight)` for the synapses [begin, end), with cells before the shift.
  template <class Take>
  void for_synapses(std::uint64_t begin, std::uint64_t end, Take&& take) const {
    const auto* cell = cell_.data();
    if (weight_.bytes() == 0) {
      const double weight = common_weight_;
      for (auto k = begin; k < end; ++k) take(cell[k], weight);
      return;
    }
    weight_.with_filled([&](const auto* weight) {
      for (auto k = begin; k < end; ++k) take(cell[k], static_cast<double>(weight[k]));
    });
  }

  /// Whether anything is delivered to the cells [first, last).
  bool reaches(std::uint32_t first, std::uint32_t last) const;

 private:
  template <class Delay>
  void take_columns(const Rows<Delay>& rows);
  void share_rows();

  template <class Delay>
  static std::uint64_t end_of_equal(const Delay* delay, std::uint64_t begin, std::uint64_t end) {
    auto k = begin + 1;
    while (k < end && delay[k] == delay[begin]) ++k;
    return k;
  }

  std::size_t synapses_ = 0;
  RowSharing sharing_;
  std::vector<std::uint64_t> start_;
  LargeArray<std::uint32_t> cell_;
  PackedColumn<float, double> weight_;  ///< empty where all have the common weight
  double common_weight_ = 0.0;
  PackedColumn<std::uint16_t, double> delay_;  ///< empty where all have the common delay
  double common_delay_ = 0.0;
};

}  // namespace ranvier
