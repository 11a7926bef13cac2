#include "experiments/datasets/files/locate.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

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

using Layout = std::vector<std::string>;

std::vector<Layout> layouts_of(const DataSetDescription& set) {
  if (!set.layouts.empty()) return set.layouts;
  Layout names;
  for (const auto& file : set.files) names.push_back(file.name);
  return {names};
}

/// A file or folder under its name or without `.gz`.
std::optional<fs::path> entry_in(const fs::path& folder, const fs::path& name) {
  std::error_code unreadable;
  if (fs::exists(folder / name, unreadable)) return folder / name;
  if (name.extension() == ".gz" && fs::exists(folder / name.stem(), unreadable)) {
    return folder / name.stem();
  }
  return std::nullopt;
}

/// How near a folder comes to holding a set.
struct Nearest {
  std::size_t layout = 0;
  Layout missing;
  bool any_there = false;
};

Nearest nearest_layout(const DataSetDescription& set, const fs::path& folder) {
  std::optional<Nearest> nearest;
  const auto layouts = layouts_of(set);
  for (std::size_t l = 0; l < layouts.size(); ++l) {
    Nearest found{.layout = l, .missing = {}, .any_there = false};
    for (const auto& name : layouts[l]) {
      if (!entry_in(folder, name)) found.missing.push_back(name);
    }
    found.any_there = found.missing.size() < layouts[l].size();
    const bool nearer = !nearest || (found.any_there && !nearest->any_there) ||
                        (found.any_there && found.missing.size() < nearest->missing.size());
    if (nearer) nearest = std::move(found);
  }
  return *nearest;
}

[[noreturn]] void report_missing(const DataSetDescription& set,
                                 const std::vector<fs::path>& folders) {
  std::vector<std::string> places;
  for (const auto& folder : folders) {
    const auto nearest = nearest_layout(set, folder);
    places.push_back(nearest.any_there ? fmt::format("{} (which lacks {})", folder.string(),
                                                     comma_separated(nearest.missing))
                                       : folder.string());
  }
  if (places.empty()) places.emplace_back("no folder, as HOME and RANVIER_DATA are not set");
  throw FileNotFound(
      fmt::format("the files of data set '{}' were not found; looked in {}; {}", set.name,
                  comma_separated(places),
                  set.fetchable() ? fmt::format("`ranvier data fetch {}` downloads them", set.name)
                                  : set.how_to_get));
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
  return entry_in(folder, file.name);
}

std::vector<std::string> missing_files(const DataSetDescription& set, const fs::path& folder) {
  return nearest_layout(set, folder).missing;
}

bool partly_filled(const DataSetDescription& set, const fs::path& folder) {
  return nearest_layout(set, folder).any_there;
}

std::optional<fs::path> complete_folder(const DataSetDescription& set,
                                        const std::vector<fs::path>& folders) {
  const auto found = std::ranges::find_if(
      folders, [&](const fs::path& folder) { return missing_files(set, folder).empty(); });
  return found == folders.end() ? std::nullopt : std::optional(*found);
}

LocatedData located_data(const DataSetDescription& set, const fs::path& chosen) {
  const auto folders = search_folders(set, chosen);
  const auto folder = complete_folder(set, folders);
  if (!folder) report_missing(set, folders);
  LocatedData located{.layout = nearest_layout(set, *folder).layout, .paths = {}};
  const auto layouts = layouts_of(set);
  for (const auto& name : layouts[located.layout]) {
    located.paths.push_back(*entry_in(*folder, name));
  }
  return located;
}

std::vector<fs::path> located_files(const DataSetDescription& set, const fs::path& chosen) {
  return located_data(set, chosen).paths;
}

}  // namespace ranvier
