#pragma once

/// From a configuration to a folder of results.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "experiments/config/document.hpp"
#include "experiments/experiment.hpp"

namespace ranvier {

/// A configuration that was read and found right.
struct PreparedRun {
  std::string name;
  std::string kind;
  std::uint64_t seed = 1;
  Job job;
  std::string configuration;  ///< resolved, as YAML
};

/// Keys at the top of every configuration: experiment, name, seed, plugins.
const std::vector<std::string>& common_keys();

/// Reads the whole configuration and loads the plugins it names. Throws InvalidConfig with every
/// problem, FileNotFound or CorruptFile for a plugin.
PreparedRun prepare(ConfigDocument& document);

struct RunOutcome {
  std::filesystem::path folder;
  Metrics metrics;
  std::vector<std::string> warnings;
  std::string shown;  ///< what the experiment wants the user to see
};

/// Runs and writes the results. Throws OutputError, before the work where that can be known;
/// Interrupted, after keeping checkpoint.h5 in the output folder; FileNotFound or CorruptFile where
/// there is no checkpoint to resume or it does not fit; and what the experiment throws. Earlier
/// results stay as they are unless the run completes.
RunOutcome run(const PreparedRun& prepared, const RunOptions& options);

/// JSON schema of configurations of a kind.
Schema schema_of(const ExperimentKind& kind);

}  // namespace ranvier
