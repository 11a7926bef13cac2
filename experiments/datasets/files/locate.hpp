#pragma once

/// Where the files of a data set are.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "experiments/datasets/dataset.hpp"

namespace ranvier {

/// `$XDG_CACHE_HOME/ranvier`, else `~/.cache/ranvier`; empty where neither variable is set.
std::filesystem::path cache_folder();

/// The folders that may hold the set, in the order of search. With `chosen`: `chosen`/<set> and
/// `chosen` itself, no others. Without: `$RANVIER_DATA/<set>`, the cache, the system's folders.
std::vector<std::filesystem::path> search_folders(const DataSetDescription& set,
                                                  const std::filesystem::path& chosen = {});

/// The file in `folder` under its published name or without `.gz`.
std::optional<std::filesystem::path> file_in(const std::filesystem::path& folder,
                                             const DataFile& file);

/// Names of what `folder` lacks of the layout that it comes nearest to; all of the first layout
/// where it has nothing.
std::vector<std::string> missing_files(const DataSetDescription& set,
                                       const std::filesystem::path& folder);

/// True where `folder` holds something of the set.
bool partly_filled(const DataSetDescription& set, const std::filesystem::path& folder);

/// The first of `folders` that holds a whole layout of the set; never a mixture of two folders, whose
/// images and labels might not belong together.
std::optional<std::filesystem::path> complete_folder(
    const DataSetDescription& set, const std::vector<std::filesystem::path>& folders);

/// What was found of a set.
struct LocatedData {
  std::size_t layout = 0;                    ///< which of the description's layouts
  std::vector<std::filesystem::path> paths;  ///< its files and folders, in order
};

/// The first layout that is whole, in the first folder that holds one. Throws FileNotFound, naming
/// the folders searched, what a partly filled one lacks, and how to get the set.
LocatedData located_data(const DataSetDescription& set, const std::filesystem::path& chosen = {});

/// The same for a set of files without other layouts.
std::vector<std::filesystem::path> located_files(const DataSetDescription& set,
                                                 const std::filesystem::path& chosen = {});

}  // namespace ranvier
