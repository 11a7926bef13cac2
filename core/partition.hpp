#pragma once

/// Who owns which neurons. Every population is cut into as many contiguous ranges as there are
/// workers; a worker is a thread of a rank, numbered rank * threads + thread.

#include <cstddef>

#include "core/population.hpp"

namespace ranvier {

struct Partition {
  unsigned workers = 1;

  NeuronRange range(std::size_t neurons, unsigned worker) const {
    return {static_cast<NeuronId>(neurons * worker / workers),
            static_cast<NeuronId>(neurons * (worker + 1) / workers)};
  }
};

}  // namespace ranvier
