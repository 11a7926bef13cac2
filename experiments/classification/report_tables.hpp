#pragma once

/// What a classification leaves behind: tables of results.h5, headline figures, and the short table
/// printed at the end.

#include <string>
#include <utility>
#include <vector>

#include "core/files/hdf5.hpp"
#include "experiments/classification/classification.hpp"

namespace ranvier {

/// Groups /learning, /inference, /calibration, /example and /weights. Throws OutputError.
void write_classification(hdf5::Group& file, const ClassificationSetup& setup,
                          const ClassificationData& data, const ClassificationResults& results);

/// Headline figures by name, in the order to show them.
std::vector<std::pair<std::string, double>> classification_metrics(
    const ClassificationResults& results);

/// Accuracy, latency, events and time per inference: without the agent, with it, and the oracle.
std::string classification_table(const ClassificationResults& results);

/// Hash of the trained weights, in hexadecimal.
std::string weight_digest(const TrainedNetwork& network);

}  // namespace ranvier
