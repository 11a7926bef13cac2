#pragma once

/// What the log says of an epoch of training.

#include <string_view>

#include "experiments/runner.hpp"
#include "networks/training_loop.hpp"

namespace ranvier {

/// One line, and a warning for all that has met no gradient; `why` says what may be the matter.
void log_epoch(const EpochRecord& epoch, std::string_view why, RunContext& context);

}  // namespace ranvier
