#pragma once

/// Downloads the files of a data set: `ranvier data fetch`.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/datasets/dataset.hpp"

namespace ranvier {

struct FetchProgress {
  std::string_view file;
  std::size_t file_number = 0;  ///< from 1
  std::size_t files = 0;
  std::uint64_t received_bytes = 0;
  std::uint64_t total_bytes = 0;  ///< 0 until the server has told
};

/// Called several times a second; false stops the download. Must not throw.
using FetchCallback = std::function<bool(const FetchProgress&)>;

struct FetchOptions {
  std::filesystem::path destination;  ///< root below which the set has a folder; empty: the cache
  std::string mirror;  ///< replaces the published base: <mirror>/<set>/<file>; empty: the value of
                       ///< RANVIER_DATA_MIRROR, else the published address
  FetchCallback progress = nullptr;
};

/// The address of `file`, published or below `mirror`.
std::string address(const DataSetDescription& set, const DataFile& file, std::string_view mirror);

/// Downloads what is not there yet or not right, each file to a temporary name that becomes the
/// published one when its content has been verified. Returns where every file of the set is;
/// nothing for a set that is built in. Throws Unsupported (no address is known), FileNotFound (the
/// address does not answer), CorruptFile (what came is not the published content), OutputError (it
/// cannot be stored) or Interrupted.
std::vector<std::filesystem::path> fetch_files(const DataSetDescription& set,
                                               const FetchOptions& options = {});

/// The same by name. Throws UnknownName besides.
std::vector<std::filesystem::path> fetch_data(std::string_view name,
                                              const FetchOptions& options = {});

}  // namespace ranvier
