#pragma once

/// Unfinished training as a checkpoint holds it.

#include "core/archive.hpp"
#include "networks/training_loop.hpp"

namespace ranvier {

Archive archive_of(const TrainingState& state);

/// Throws CorruptFile where the archive holds no training state.
TrainingState training_state_of(const Archive& archive);

}  // namespace ranvier
