#pragma once

/// What samples leave behind on their way through a layered network and back.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/large_array.hpp"
#include "core/spike_bits.hpp"
#include "networks/examples.hpp"
#include "networks/stages/stage.hpp"

namespace ranvier {

/// Of one stage, in the present window.
template <class Real>
struct NodeTrace {
  LargeArray<Real>
      output;      ///< [T][B][n], or [1][B][n] where `constant`; empty while only in `bits`
  SpikeBits bits;  ///< the same, where it is spikes that wait for the way back
  bool constant = false;
  StageRecord<Real> record;
  LargeArray<Real> grad;     ///< dL/d(output), shaped as it; empty while nothing has come back
  LargeArray<Real> error;    ///< of pooled synapses: dL/d(output), until the chunks are added up
  std::vector<Real> traced;  ///< [T][B][inputs] trace of the input, where the credit rule keeps one
  std::vector<Real> faded;   ///< [B][inputs] the same at the end of the window before
  double spikes = 0.0;       ///< over all windows, where the output is spikes
};

/// Where a stage stood at the start of a window.
template <class Real>
struct NodeStart {
  CarriedState<Real> state;
  std::vector<Real> last;
};

/// Sums over a batch that stages asked for, by node; empty for the others.
struct BatchSums {
  struct Sums {
    std::vector<double> settled, adjoint;
    std::size_t count = 0;
  };
  std::vector<Sums> nodes;
  /// What each window of the first pass found, for the running averages: (node, settled, count).
  struct Found {
    std::size_t node;
    std::vector<double> settled;
    std::size_t count;
  };
  std::vector<Found> found;
  bool first_pass = true;
};

/// One chunk of samples on its way through the network and back. Its vectors grow to the largest
/// chunk met and are then reused.
template <class Real>
struct SequentialTrace {
  std::vector<std::uint32_t> samples;  ///< [B] index of each in its data set
  std::vector<Real> values;            ///< [B][D]
  std::vector<EventList> events;       ///< [B], where the encoding reads events
  std::vector<Real> activity;          ///< [T][B][D], or [1][B][D] where the encoding is constant
  std::vector<Real> output;            ///< [T][B][K] of the last layer
  std::vector<Real> grad_output;
  LargeArray<Real> grad_activity;
  std::vector<NodeTrace<Real>> nodes;
  std::vector<std::vector<NodeStart<Real>>> starts;  ///< of every window, by node
  std::vector<LargeArray<Real>> spare;               ///< buffers between uses
  BatchSums sums;                                    ///< where this chunk is the whole batch
  std::uint64_t seed = 0;
  std::uint32_t epoch = 0;
};

}  // namespace ranvier
