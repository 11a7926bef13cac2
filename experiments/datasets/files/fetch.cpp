#include "experiments/datasets/files/fetch.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <new>

#include <curl/curl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "core/error.hpp"
#include "experiments/datasets/files/inventory.hpp"
#include "experiments/datasets/files/locate.hpp"

namespace ranvier {
namespace {

namespace fs = std::filesystem;

/// A file that is removed unless it has been renamed.
class TemporaryFile {
 public:
  explicit TemporaryFile(const fs::path& final_path)
      : path_(fmt::format("{}.{}.part", final_path.string(), ::getpid())) {}
  ~TemporaryFile() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const fs::path& path() const noexcept { return path_; }

 private:
  fs::path path_;
};

struct Transfer {
  std::ofstream out;
  FetchProgress progress;
  const FetchCallback* callback = nullptr;
  int write_error = 0;  ///< errno of the write that failed
};

std::size_t store(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  errno = 0;
  transfer.out.write(data, static_cast<std::streamsize>(size * count));
  if (!transfer.out) transfer.write_error = errno;
  return transfer.out ? size * count : 0;
}

int report(void* user, curl_off_t total, curl_off_t received, curl_off_t, curl_off_t) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (*transfer.callback == nullptr) return 0;
  transfer.progress.total_bytes = static_cast<std::uint64_t>(total);
  transfer.progress.received_bytes = static_cast<std::uint64_t>(received);
  return (*transfer.callback)(transfer.progress) ? 0 : 1;
}

using Curl = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;

Curl new_transfer() {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  Curl curl(initialised == CURLE_OK ? curl_easy_init() : nullptr, &curl_easy_cleanup);
  if (!curl) throw std::bad_alloc();
  return curl;
}

void configure(CURL* curl, const std::string& url, Transfer& transfer, char* error_text) {
  constexpr long connect_timeout_s = 30;
  constexpr long stalled_after_s = 60;
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "ranvier");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, connect_timeout_s);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, stalled_after_s);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error_text);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &store);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, static_cast<void*>(&transfer));
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &report);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, static_cast<void*>(&transfer));
}

[[noreturn]] void cannot_write(const fs::path& path, int error) {
  throw OutputError(fmt::format("{}: cannot be written ({})", path.string(),
                                error != 0 ? std::strerror(error) : "unknown reason"));
}

[[noreturn]] void report_failure(CURLcode status, const std::string& url, const char* error_text) {
  const auto* reason = *error_text != '\0' ? error_text : curl_easy_strerror(status);
  if (status == CURLE_ABORTED_BY_CALLBACK) {
    throw Interrupted(fmt::format("the download of {} was stopped; nothing was kept", url));
  }
  if (status == CURLE_PARTIAL_FILE) {
    throw CorruptFile(fmt::format("the download of {} ended early ({})", url, reason));
  }
  throw FileNotFound(fmt::format("{} cannot be downloaded ({})", url, reason));
}

void download(const std::string& url, const fs::path& path, Transfer& transfer) {
  errno = 0;
  transfer.out.open(path, std::ios::binary | std::ios::trunc);
  if (!transfer.out) cannot_write(path, errno);
  const auto curl = new_transfer();
  std::array<char, CURL_ERROR_SIZE> error_text{};
  configure(curl.get(), url, transfer, error_text.data());
  const auto status = curl_easy_perform(curl.get());
  if (status == CURLE_WRITE_ERROR) cannot_write(path, transfer.write_error);
  if (status != CURLE_OK) report_failure(status, url, error_text.data());
  transfer.out.close();
  if (!transfer.out) cannot_write(path, errno);
}

void keep(const TemporaryFile& part, const fs::path& final_path) {
  std::error_code error;
  fs::rename(part.path(), final_path, error);
  if (error) cannot_write(final_path, error.value());
}

void fetch_file(const DataFile& file, const std::string& url, const fs::path& final_path,
                Transfer& transfer) {
  const TemporaryFile part(final_path);
  download(url, part.path(), transfer);
  const auto status = verify_file(file, part.path());
  if (status.state != FileState::ok) {
    throw CorruptFile(fmt::format("what {} sent is not the published file and was not kept ({})",
                                  url, status.problem));
  }
  keep(part, final_path);
}

fs::path made_folder(const DataSetDescription& set, const fs::path& destination) {
  const auto root = destination.empty() ? cache_folder() : destination;
  if (root.empty()) {
    throw OutputError(
        fmt::format("data set '{}' has no folder to go to, as HOME is not set; "
                    "expected a destination",
                    set.name));
  }
  auto folder = root / set.folder;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) cannot_write(folder, error.value());
  return folder;
}

std::string mirror_of(const FetchOptions& options) {
  if (!options.mirror.empty()) return options.mirror;
  const char* mirror = std::getenv("RANVIER_DATA_MIRROR");
  return mirror == nullptr ? "" : mirror;
}

}  // namespace

std::string address(const DataSetDescription& set, const DataFile& file, std::string_view mirror) {
  if (mirror.empty()) return set.base_url + "/" + file.name;
  while (mirror.ends_with('/')) mirror.remove_suffix(1);
  return fmt::format("{}/{}/{}", mirror, set.folder, file.name);
}

std::vector<fs::path> fetch_files(const DataSetDescription& set, const FetchOptions& options) {
  std::vector<fs::path> paths;
  if (set.built_in()) return paths;
  const auto mirror = mirror_of(options);
  if (set.files.empty() || (!set.fetchable() && mirror.empty())) {
    throw Unsupported(
        fmt::format("data set '{}' cannot be fetched from here; {}", set.name, set.how_to_get));
  }
  const auto folder = made_folder(set, options.destination);
  for (const auto& file : set.files) {
    auto path = file_in(folder, file).value_or(folder / file.name);
    if (verify_file(file, path).state != FileState::ok) {
      path = folder / file.name;
      Transfer transfer;
      transfer.progress.file = file.name;
      transfer.progress.file_number = paths.size() + 1;
      transfer.progress.files = set.files.size();
      transfer.callback = &options.progress;
      fetch_file(file, address(set, file, mirror), path, transfer);
    }
    paths.push_back(path);
  }
  return paths;
}

std::vector<fs::path> fetch_data(std::string_view name, const FetchOptions& options) {
  return fetch_files(data_sets().at(name), options);
}

}  // namespace ranvier
