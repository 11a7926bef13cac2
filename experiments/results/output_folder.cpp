#include "experiments/results/output_folder.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "core/error.hpp"

namespace ranvier {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 5> files_of_a_run{"results.h5", "metrics.json",
                                                         "report.html", "log.txt", "checkpoint.h5"};

bool is_of_a_run(const fs::path& file) {
  return std::ranges::find(files_of_a_run, file.filename().string()) != files_of_a_run.end();
}

[[noreturn]] void refuse(const fs::path& path, std::string_view why) {
  throw OutputError(fmt::format("{} cannot be written: {}", path.string(), why));
}

/// A mistyped --out must not mix results with, or replace, somebody's own files.
void require_ours(const fs::path& target) {
  std::error_code error;
  if (!fs::exists(target, error)) return;
  if (!fs::is_directory(target, error)) refuse(target, "it is a file; expected a folder");
  std::string other;
  for (const auto& entry : fs::directory_iterator(target, error)) {
    if (is_of_a_run(entry.path())) return;
    other = entry.path().filename().string();
  }
  if (error) refuse(target, error.message());
  if (!other.empty()) {
    refuse(target, fmt::format("it holds '{}' and no results; expected a new or empty folder, or "
                               "one with results of an earlier run",
                               other));
  }
}

/// Exchanges two folders in one step; a file system that cannot needs two.
void exchange(const fs::path& draft, const fs::path& target) {
  if (renameat2(AT_FDCWD, draft.c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE) == 0) return;
  const int reason = errno;
  if (reason != EINVAL && reason != ENOSYS) refuse(target, std::strerror(reason));
  const fs::path aside = draft.string() + "-earlier";
  if (rename(target.c_str(), aside.c_str()) != 0) refuse(target, std::strerror(errno));
  if (rename(draft.c_str(), target.c_str()) != 0) {
    const int failure = errno;
    rename(aside.c_str(), target.c_str());
    refuse(target, std::strerror(failure));
  }
  rename(aside.c_str(), draft.c_str());
}

}  // namespace

OutputFolder::OutputFolder(const fs::path& target)
    : target_(fs::weakly_canonical(fs::absolute(target))) {
  if (!target_.has_filename()) target_ = target_.parent_path();
  require_ours(target_);
  draft_ =
      target_.parent_path() / fmt::format(".{}.draft-{}", target_.filename().string(), getpid());
  std::error_code error;
  fs::create_directories(target_.parent_path(), error);
  if (error) refuse(target_, error.message());
  fs::remove_all(draft_, error);
  fs::create_directory(draft_, error);
  if (error) refuse(target_, error.message());
}

OutputFolder::~OutputFolder() {
  std::error_code ignored;
  fs::remove_all(draft_, ignored);
}

void OutputFolder::make_target() const {
  std::error_code error;
  fs::create_directories(target_, error);
  if (error) refuse(target_, error.message());
}

void OutputFolder::publish() {
  make_target();
  exchange(draft_, target_);
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(draft_, ignored)) {
    if (is_of_a_run(entry.path())) continue;
    fs::rename(entry.path(), target_ / entry.path().filename(), ignored);
  }
}

}  // namespace ranvier
