#pragma once

/// What is to arrive at the neurons of one thread: pieces of rows by step, in the order in which
/// they were entered. A spike is entered when it is known, a piece for each of its delays; the
/// synapses themselves are read in the step in which they arrive, so that all additions of a step go
/// to one small array.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/runtime/plastic_dynamics.hpp"
#include "core/time_grid.hpp"

namespace ranvier {

class Calendar {
 public:
  struct Due {
    std::uint64_t begin;
    std::uint32_t count;
    std::uint32_t bundle;
  };

  struct Day {
    std::vector<Due> due;
    std::vector<PreSpike> spikes;  ///< one for each piece of a plastic bundle, in the same order

    void clear() {
      due.clear();
      spikes.clear();
    }
  };

  explicit Calendar(std::size_t longest_delay = 0) : days_(longest_delay + 1) {}

  const Day& at(Step step) const { return days_[static_cast<std::size_t>(step) % days_.size()]; }
  Day& at(Step step) { return days_[static_cast<std::size_t>(step) % days_.size()]; }

 private:
  std::vector<Day> days_;
};

}  // namespace ranvier
