#pragma once

/// The synapses of one projection onto a range of targets, as compressed sparse rows by source.
/// Inside a row synapses are ordered by delay, then by cell. Built in two passes over the
/// connection rule (count, prefix sum, fill) straight into the final arrays.

#include <cstdint>
#include <vector>

#include "core/network.hpp"
#include "core/population.hpp"
#include "core/synapse_drawer.hpp"
#include "core/time_grid.hpp"

namespace ranvier {

/// `Delay` is a number of steps (std::uint16_t) on the grid, or milliseconds (double) off it.
template <class Delay>
struct Rows {
  std::size_t sources() const noexcept { return start.size() - 1; }
  std::size_t size() const noexcept { return cell.size(); }

  /// Bytes that so many synapses take, with a delay each or one in common.
  static double bytes_of(double sources, double synapses, bool own_delays) noexcept {
    return (sources + 1.0) * sizeof(std::uint64_t) +
           synapses * (sizeof(std::uint32_t) + sizeof(double) + (own_delays ? sizeof(Delay) : 0));
  }
  std::size_t bytes() const noexcept {
    return static_cast<std::size_t>(
        bytes_of(static_cast<double>(sources()), static_cast<double>(size()), !delay.empty()));
  }

  /// Delay of synapse k.
  Delay delay_of(std::size_t k) const noexcept { return delay.empty() ? common_delay : delay[k]; }

  NeuronRange targets;
  std::vector<std::uint64_t> start;  ///< row of source s: [start[s], start[s + 1])
  /// Where a synapse delivers: port * (size of the target population) + target.
  std::vector<std::uint32_t> cell;
  std::vector<double> weight;
  std::vector<Delay> delay;  ///< empty where all synapses have the common delay
  Delay common_delay{};
};

using GridRows = Rows<std::uint16_t>;
using ExactRows = Rows<double>;

/// Draws the synapses of projection `index` onto `targets` (core/synapse_drawer.hpp says how and what
/// is refused). The result for a target does not depend on the range it is asked in.
GridRows build_grid_rows(const Network& network, std::size_t index, std::uint64_t seed,
                         NeuronRange targets, const TimeGrid& grid);
ExactRows build_exact_rows(const Network& network, std::size_t index, std::uint64_t seed,
                           NeuronRange targets);

}  // namespace ranvier
