#pragma once

/// How the clock runtime stores synapses and delivers spikes: rows packed into what a delivery reads
/// and nothing else, and a calendar of the pieces of rows that are due, step by step. A spike is
/// entered in the calendar when it is emitted, a piece for each of its delays; its synapses are read
/// in the step in which they arrive, so that all additions of a step go to one small array.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/population.hpp"
#include "core/rows.hpp"

namespace ranvier {

/// Consecutive synapses of a row that share their delay.
struct Segment {
  std::uint16_t delay;  ///< steps
  std::uint16_t count;
};

/// A column in the narrower of two types that holds every value exactly.
template <class Narrow, class Wide>
struct PackedColumn {
  std::vector<Narrow> narrow;
  std::vector<Wide> wide;

  std::size_t bytes() const { return narrow.size() * sizeof(Narrow) + wide.size() * sizeof(Wide); }
};

/// Rows of one projection onto the neurons of one thread. A cell takes 2 bytes where it fits, a
/// weight 4 where a float is exact and none where all are equal, a delay none: segments have it.
class PackedRows {
 public:
  PackedRows() = default;
  explicit PackedRows(const GridRows& rows);

  std::size_t size() const { return start_.empty() ? 0 : start_.back(); }
  std::size_t bytes() const;

  /// What so many synapses will take. `cells`: ports times neurons of the target population;
  /// `weight_bytes`: of each synapse, 0 where all are equal; `segments`: 0 where all delays are.
  static double bytes_of(double sources, double synapses, double cells, double weight_bytes,
                         double segments);

  std::size_t longest_delay() const { return longest_delay_; }

  /// Calls `take(delay, begin, count)` for every piece of a row, in order of delay.
  template <class Take>
  void for_segments(NeuronId source, Take&& take) const {
    auto begin = start_[source];
    if (segment_start_.empty()) {
      const auto count = start_[source + 1] - begin;
      if (count > 0) take(longest_delay_, begin, count);
      return;
    }
    for (auto s = segment_start_[source]; s < segment_start_[source + 1]; ++s) {
      take(std::size_t{segments_[s].delay}, begin, std::uint64_t{segments_[s].count});
      begin += segments_[s].count;
    }
  }

  /// Asks the memory for the synapses from `begin` on.
  void prefetch(std::uint64_t begin) const;

  /// Adds the weights of the synapses [begin, begin + count) to their cells.
  void deliver(std::uint64_t begin, std::uint64_t count, double* arrivals) const;

 private:
  void pack_weights(const GridRows& rows);
  void make_segments(const GridRows& rows);

  std::vector<std::uint64_t> start_;
  PackedColumn<std::uint16_t, std::uint32_t> cell_;
  PackedColumn<float, double> weight_;  ///< empty where all have the common weight
  double common_weight_ = 0.0;
  std::vector<std::uint64_t> segment_start_;  ///< empty where all have the longest delay
  std::vector<Segment> segments_;
  std::size_t longest_delay_ = 0;
};

/// What is to arrive at the neurons of one thread in one population: pieces of rows by step, in the
/// order in which they were entered.
class Calendar {
 public:
  struct Due {
    std::uint64_t begin;
    std::uint32_t count;
    std::uint32_t projection;
  };

  explicit Calendar(std::size_t longest_delay = 0) : days_(longest_delay + 1) {}

  std::vector<Due>& at(std::int64_t step) {
    return days_[static_cast<std::size_t>(step) % days_.size()];
  }

 private:
  std::vector<std::vector<Due>> days_;
};

}  // namespace ranvier
