#pragma once

/// In which precision a simulation keeps states and sums. The clock runtime has both and takes
/// single unless told otherwise (docs/accuracy.md says what that costs); the event runtime, which
/// advances a state over stretches of any length, has double only.

#include <array>
#include <string>

#include "core/runtime/runtime.hpp"

namespace ranvier {

/// What may be asked for.
inline constexpr std::array precisions{"automatic", "single", "double"};

/// "single" or "double": what is asked for, or what the runtime takes on its own. Throws UnknownName
/// for another word and Unsupported for what the runtime does not have.
std::string precision_of(const SimulationOptions& options);

}  // namespace ranvier
