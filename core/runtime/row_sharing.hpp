#pragma once

/// Rows that are alike but for where they lead, as those of the filters of a convolution: stored once,
/// with a shift for every source. What a delivery reads then stays in the cache.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/large_array.hpp"
#include "core/population.hpp"

namespace ranvier {

/// Which row a source has, and what is added to its cells. Without sharing every source has its own.
struct RowSharing {
  std::vector<std::uint32_t> row;    ///< by source; empty without sharing
  std::vector<std::uint32_t> shift;  ///< likewise

  bool empty() const { return row.empty(); }
  std::size_t row_of(NeuronId source) const { return row.empty() ? source : row[source]; }
  std::uint32_t shift_of(NeuronId source) const { return shift.empty() ? 0 : shift[source]; }
  std::size_t bytes() const { return (row.size() + shift.size()) * sizeof(std::uint32_t); }
};

/// Finds rows that are alike among the columns of a projection and keeps one of each.
template <class Cell, class Weight>
class RowSharer {
 public:
  /// `start` [sources + 1] tells where rows begin. There are no weights where all are equal.
  RowSharer(std::vector<std::uint64_t>& start, LargeArray<Cell>& cells, LargeArray<Weight>& weights)
      : start_(start), cells_(cells), weights_(weights) {}

  /// Leaves all as it is, and returns nothing, where few rows are alike. Otherwise the columns hold
  /// distinct rows only, with cells counted from the lowest of each, and `start` tells where those
  /// begin.
  std::optional<RowSharing> share() {
    const auto sources = static_cast<NeuronId>(start_.size() - 1);
    RowSharing sharing{.row = std::vector<std::uint32_t>(sources),
                       .shift = std::vector<std::uint32_t>(sources)};
    std::unordered_multimap<std::uint64_t, std::uint32_t> known;  // by hash, among the distinct
    for (NeuronId s = 0; s < sources; ++s) {
      const auto row = row_at(start_[s], start_[s + 1]);
      sharing.shift[s] = row.lowest;
      sharing.row[s] = find_or_add(row, known);
      if (s % probe == probe - 1 && 2 * distinct_.size() > s) return std::nullopt;
    }
    if (2 * distinct_.size() > sources) return std::nullopt;
    keep_distinct();
    return sharing;
  }

 private:
  static constexpr NeuronId probe = 1024;  ///< sources after which giving up is thought of

  struct Row {
    std::uint64_t begin, end;
    Cell lowest;
  };

  Row row_at(std::uint64_t begin, std::uint64_t end) const {
    const auto first = cells_.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = cells_.begin() + static_cast<std::ptrdiff_t>(end);
    return {begin, end, first == last ? Cell{} : *std::min_element(first, last)};
  }

  std::uint64_t hash_of(Row row) const {
    std::uint64_t hash = row.end - row.begin;
    const auto mix = [&](std::uint64_t value) {
      hash = std::rotl((hash ^ value) * 0x9e3779b97f4a7c15, 29);
    };
    for (auto k = row.begin; k < row.end; ++k) {
      mix(std::uint64_t{cells_[k]} - row.lowest);
      if (!weights_.empty()) mix(std::bit_cast<Bits>(weights_[k]));
    }
    return hash;
  }

  bool are_alike(Row a, Row b) const {
    if (a.end - a.begin != b.end - b.begin) return false;
    for (std::uint64_t k = 0; k < a.end - a.begin; ++k) {
      if (cells_[a.begin + k] - a.lowest != cells_[b.begin + k] - b.lowest) return false;
      if (!weights_.empty() && weights_[a.begin + k] != weights_[b.begin + k]) return false;
    }
    return true;
  }

  std::uint32_t find_or_add(Row row, std::unordered_multimap<std::uint64_t, std::uint32_t>& known) {
    const auto hash = hash_of(row);
    const auto [first, last] = known.equal_range(hash);
    for (auto at = first; at != last; ++at) {
      if (are_alike(row, distinct_[at->second])) return at->second;
    }
    const auto number = static_cast<std::uint32_t>(distinct_.size());
    distinct_.push_back(row);
    known.emplace(hash, number);
    return number;
  }

  void keep_distinct() {
    std::vector<std::uint64_t> start{0};
    LargeArray<Cell> cells;
    LargeArray<Weight> weights;
    for (const auto& [begin, end, lowest] : distinct_) {
      for (auto k = begin; k < end; ++k) {
        cells.push_back(static_cast<Cell>(cells_[k] - lowest));
        if (!weights_.empty()) weights.push_back(weights_[k]);
      }
      start.push_back(cells.size());
    }
    start_ = std::move(start);
    cells_ = std::move(cells);
    weights_ = std::move(weights);
  }

  using Bits = std::conditional_t<sizeof(Weight) == 4, std::uint32_t, std::uint64_t>;

  std::vector<std::uint64_t>& start_;
  LargeArray<Cell>& cells_;
  LargeArray<Weight>& weights_;
  std::vector<Row> distinct_;
};

}  // namespace ranvier
