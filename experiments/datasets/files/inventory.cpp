#include "experiments/datasets/files/inventory.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"
#include "experiments/datasets/files/gzip.hpp"
#include "experiments/datasets/files/locate.hpp"
#include "experiments/datasets/files/sha256.hpp"

namespace ranvier {
namespace {

namespace fs = std::filesystem;

DataSetStatus status_of(const DataSetDescription& set) {
  DataSetStatus status{set.name, set.summary, set.built_in(), true, {}, {}};
  if (set.built_in()) return status;
  status.searched = search_folders(set);
  const auto folder = complete_folder(set, status.searched);
  status.complete = folder.has_value();
  status.folder = folder.value_or(fs::path());
  return status;
}

fs::path folder_to_verify(const DataSetDescription& set, const std::vector<fs::path>& folders) {
  if (const auto complete = complete_folder(set, folders)) return *complete;
  const auto found = std::ranges::find_if(
      folders, [&](const fs::path& folder) { return partly_filled(set, folder); });
  if (found != folders.end()) return *found;
  return folders.empty() ? fs::path() : folders.front();
}

}  // namespace

std::string_view to_string(FileState state) {
  switch (state) {
    case FileState::ok: return "ok";
    case FileState::missing: return "missing";
    case FileState::wrong: return "wrong";
  }
  return "";
}

std::vector<DataSetStatus> list_data() {
  std::vector<DataSetStatus> statuses;
  for (const auto& [name, set] : data_sets()) statuses.push_back(status_of(set));
  return statuses;
}

FileStatus verify_file(const DataFile& file, const fs::path& path) {
  FileStatus status{file.name, path, FileState::ok, ""};
  try {
    const auto found = sha256(read_unpacked(path));
    if (found != file.sha256) {
      status.state = FileState::wrong;
      status.problem = fmt::format("{}: the sha256 of the unpacked content is {}; expected {}",
                                   path.string(), found, file.sha256);
    }
  } catch (const FileNotFound& error) {
    status.state = FileState::missing;
    status.problem = error.what();
  } catch (const CorruptFile& error) {
    status.state = FileState::wrong;
    status.problem = error.what();
  }
  return status;
}

std::vector<FileStatus> verify_files(const DataSetDescription& set, const fs::path& chosen) {
  const auto folder = folder_to_verify(set, search_folders(set, chosen));
  std::vector<FileStatus> statuses;
  for (const auto& file : set.files) {
    statuses.push_back(verify_file(file, file_in(folder, file).value_or(folder / file.name)));
  }
  return statuses;
}

std::vector<FileStatus> verify_data(std::string_view name, const fs::path& chosen) {
  return verify_files(data_sets().at(name), chosen);
}

}  // namespace ranvier
