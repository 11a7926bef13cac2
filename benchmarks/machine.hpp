#pragma once

/// The machine a figure was measured on.

#include <nlohmann/json.hpp>

namespace ranvier {

/// Processor's name, cores this process may use, load (processes that want to run, mean of the last
/// minute), and how Ranvier was compiled.
nlohmann::ordered_json machine_now();

}  // namespace ranvier
