#pragma once

/// What a run leaves: metrics.json and results.h5.

#include <filesystem>
#include <string>
#include <string_view>

#include "core/files/hdf5.hpp"
#include "experiments/results/metrics.hpp"

namespace ranvier {

/// Filled by an experiment as it goes, written when it is done. `file` takes whatever arrays an
/// experiment has; figures belong in `metrics` and are stored in both files.
struct Results {
  explicit Results(const std::filesystem::path& folder);

  /// Completes and writes both files. Throws OutputError.
  void write(std::string_view configuration);

  std::filesystem::path folder;
  Metrics metrics;
  hdf5::OutputFile file;
};

/// Processor, number of cores, system and host, in one line.
std::string machine_description();

}  // namespace ranvier
