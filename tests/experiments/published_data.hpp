#pragma once

/// Tests of published files run where a machine has them.

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "experiments/datasets/dataset.hpp"
#include "tests/catch.hpp"

namespace ranvier::test {

/// A folder of $RANVIER_DATA, if this machine has it; a warning that the test is skipped otherwise.
inline std::optional<std::filesystem::path> published_folder(const std::string& folder) {
  const char* root = std::getenv("RANVIER_DATA");
  if (root != nullptr && std::filesystem::exists(std::filesystem::path(root) / folder)) {
    return std::filesystem::path(root) / folder;
  }
  WARN("skipped: set RANVIER_DATA to a folder that holds " << folder);
  return std::nullopt;
}

/// Options that find the published files of `folder`.
inline std::optional<DataOptions> published_data(const std::string& folder) {
  const auto found = published_folder(folder);
  if (!found) return std::nullopt;
  DataOptions options;
  options.folder = found->parent_path();
  return options;
}

}  // namespace ranvier::test
