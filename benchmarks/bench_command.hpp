#pragma once

/// `ranvier bench`: runs benchmark cases and prints one JSON line for each.

#include "experiments/command_line/command.hpp"

namespace ranvier {

Command bench_command();

}  // namespace ranvier
