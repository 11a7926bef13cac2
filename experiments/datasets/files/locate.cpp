#include "experiments/datasets/files/locate.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/suggest.hpp"

namespace ranvier {
namespace {

namespace fs = std::filesystem;

fs::path from_environment(const char* variable) {
  const char* value = std::getenv(variable);
  return value == nullptr ? fs::path() : fs::path(value);
}

[[noreturn]] void report_missing(const DataSetDescription& set,
                                 const std::vector<fs::path>& folders) {
  std::vector<std::string> places;
  for (const auto& folder : folders) {
    const auto missing = missing_files(set, folder);
    const bool partly_filled = missing.size() < set.files.size();
    places.push_back(partly_filled ? fmt::format("{} (which lacks {})", folder.string(),
                                                 comma_separated(missing))
                                   : folder.string());
  }
  if (places.empty()) places.emplace_back("no folder, as HOME and RANVIER_DATA are not set");
  throw FileNotFound(
      fmt::format("the files of data set '{}' were not found; looked in {}; "
                  "`ranvier data fetch {}` downloads them",
                  set.name, comma_separated(places), set.name));
}

}  // namespace

fs::path cache_folder() {
  const auto cache = from_environment("XDG_CACHE_HOME");
  if (!cache.empty()) return cache / "ranvier";
  const auto home = from_environment("HOME");
  return home.empty() ? fs::path() : home / ".cache" / "ranvier";
}

std::vector<fs::path> search_folders(const DataSetDescription& set, const fs::path& chosen) {
  if (!chosen.empty()) return {chosen / set.folder, chosen};
  std::vector<fs::path> folders;
  for (const auto& root : {from_environment("RANVIER_DATA"), cache_folder()}) {
    if (!root.empty()) folders.push_back(root / set.folder);
  }
  folders.insert(folders.end(), set.system_folders.begin(), set.system_folders.end());
  return folders;
}

std::optional<fs::path> file_in(const fs::path& folder, const DataFile& file) {
  const fs::path published(file.name);
  std::error_code unreadable;
  if (fs::exists(folder / published, unreadable)) return folder / published;
  if (published.extension() == ".gz" && fs::exists(folder / published.stem(), unreadable)) {
    return folder / published.stem();
  }
  return std::nullopt;
}

std::vector<std::string> missing_files(const DataSetDescription& set, const fs::path& folder) {
  std::vector<std::string> missing;
  for (const auto& file : set.files) {
    if (!file_in(folder, file)) missing.push_back(file.name);
  }
  return missing;
}

std::optional<fs::path> complete_folder(const DataSetDescription& set,
                                        const std::vector<fs::path>& folders) {
  const auto found = std::ranges::find_if(
      folders, [&](const fs::path& folder) { return missing_files(set, folder).empty(); });
  return found == folders.end() ? std::nullopt : std::optional(*found);
}

std::vector<fs::path> located_files(const DataSetDescription& set, const fs::path& chosen) {
  const auto folders = search_folders(set, chosen);
  const auto folder = complete_folder(set, folders);
  if (!folder) report_missing(set, folders);
  std::vector<fs::path> files;
  for (const auto& file : set.files) files.push_back(*file_in(*folder, file));
  return files;
}

}  // namespace ranvier
