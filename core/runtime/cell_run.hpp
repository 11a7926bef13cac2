#pragma once

/// Cells that a row leads to, as runs of neighbours.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ranvier {

struct CellRun {
  std::uint32_t first, count;

  bool operator==(const CellRun&) const = default;
};

/// Cells per run, on average, from which it takes less to go through runs than through cells.
inline constexpr std::size_t worthwhile_run = 8;

/// Appends the runs of ascending cells; one that occurs twice begins a run anew.
inline void append_runs(std::span<const std::uint32_t> cells, std::vector<CellRun>& runs) {
  for (std::size_t k = 0; k < cells.size();) {
    const auto first = k++;
    while (k < cells.size() && cells[k] == cells[k - 1] + 1) ++k;
    runs.push_back({cells[first], static_cast<std::uint32_t>(k - first)});
  }
}

}  // namespace ranvier
