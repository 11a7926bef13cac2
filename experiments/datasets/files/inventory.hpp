#pragma once

/// Which data sets are here and whether their files are the published ones: `ranvier data list` and
/// `ranvier data verify`.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/datasets/dataset.hpp"

namespace ranvier {

struct DataSetStatus {
  std::string name;
  std::string summary;
  bool built_in = false;
  bool complete = false;         ///< can be loaded now
  std::filesystem::path folder;  ///< that holds it; empty where built in or not complete
  std::vector<std::filesystem::path> searched;
};

enum class FileState { ok, missing, wrong };

std::string_view to_string(FileState state);

struct FileStatus {
  std::string name;            ///< as published
  std::filesystem::path path;  ///< where it is or was expected
  FileState state = FileState::missing;
  std::string problem;  ///< one sentence; empty where ok
};

/// Every registered data set, by name.
std::vector<DataSetStatus> list_data();

/// Compares one file on disk with the published content (SHA-256 of the unpacked bytes). Throws
/// nothing for a bad file: the status says what is wrong.
FileStatus verify_file(const DataFile& file, const std::filesystem::path& path);

/// verify_file for every file of the set, in the folder that load_data would use or, where none is
/// complete, the first that holds any of them. Empty for a set that is built in.
std::vector<FileStatus> verify_files(const DataSetDescription& set,
                                     const std::filesystem::path& chosen = {});

/// The same by name. Throws UnknownName.
std::vector<FileStatus> verify_data(std::string_view name,
                                    const std::filesystem::path& chosen = {});

}  // namespace ranvier
