#pragma once

/// The section `data` of a classification: which set, how much of it, and what is done to its
/// samples on the way to the network.

#include "experiments/classification/classification.hpp"
#include "experiments/config/node.hpp"
#include "experiments/config/schema.hpp"

namespace ranvier {

/// Reads the section into `setup`; reports problems to the document.
void read_data_section(const ConfigNode& node, ClassificationSetup& setup);

/// The same keys as a JSON schema.
Schema data_section_schema();

}  // namespace ranvier
