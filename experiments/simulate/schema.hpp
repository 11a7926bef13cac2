#pragma once

/// The keys of `experiment: simulate` as a JSON schema.

#include <string>
#include <vector>

#include "experiments/config/schema.hpp"

namespace ranvier {

/// Its keys at the top of a configuration, beside the common ones.
const std::vector<std::string>& simulate_keys();

Schema simulate_schema();

}  // namespace ranvier
