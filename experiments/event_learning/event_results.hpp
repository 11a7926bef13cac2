#pragma once

/// What event learning leaves behind, and how its weights are read again.

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/files/hdf5.hpp"
#include "networks/event_learning/event_classifier.hpp"
#include "networks/training_loop.hpp"

namespace ranvier {

/// Groups /learning and /weights: of each projection, by its name, its weights [target][source] in
/// pA, with the delay as attribute. Throws OutputError.
void write_event_learning(hdf5::Group& file, const EventCircuit& circuit,
                          const TrainingState& state);

/// The weights of a circuit from the results of an earlier run. Throws FileNotFound, or CorruptFile
/// where a projection is missing or of another shape.
std::vector<float> read_event_weights(const std::filesystem::path& file,
                                      const EventCircuit& circuit);

/// Headline figures by name, in the order to show them.
std::vector<std::pair<std::string, double>> event_learning_metrics(const EventCircuit& circuit,
                                                                   const TrainingState& state,
                                                                   const EventEvaluation& test);

/// The same for people.
std::string event_learning_table(const EventCircuit& circuit, const EventEvaluation& test);

/// Hash of the weights, in hexadecimal.
std::string weight_digest(std::span<const float> weights);

}  // namespace ranvier
