#pragma once

/// The `network` section of a configuration: a layered network that learns, and a file of weights
/// it may start from.

#include "experiments/classification/classification.hpp"
#include "experiments/config/node.hpp"
#include "experiments/config/schema.hpp"

namespace ranvier {

/// Reports what is wrong with the section and leaves defaults in its place.
void read_network_section(const ConfigNode& node, ClassificationSetup& setup);

Schema network_section_schema();

}  // namespace ranvier
