#pragma once

/// The `network` section of a configuration: a layered network that learns.

#include "experiments/config/node.hpp"
#include "experiments/config/schema.hpp"
#include "networks/sequential.hpp"

namespace ranvier {

/// Reports what is wrong with the section and leaves defaults in its place.
void read_network_section(const ConfigNode& node, SequentialDescription& network);

Schema network_section_schema();

}  // namespace ranvier
