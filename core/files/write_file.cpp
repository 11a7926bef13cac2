#include "core/files/write_file.hpp"

#include <cerrno>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.hpp"

namespace ranvier {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& file, int error) {
  throw OutputError(fmt::format("{} cannot be written: {}", file.string(), std::strerror(error)));
}

/// A file under its temporary name; removed again unless it was kept.
class Draft {
 public:
  explicit Draft(const std::filesystem::path& file)
      : file_(file), draft_(file.string() + fmt::format(".tmp-{}", getpid())) {
    descriptor_ = open(draft_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor_ < 0) refuse(file_, errno);
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  ~Draft() {
    if (descriptor_ >= 0) close(descriptor_);
    if (!kept_) unlink(draft_.c_str());
  }

  void write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const auto written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0) {
        if (errno == EINTR) continue;
        refuse(file_, errno);
      }
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
  }

  void keep() {
    if (fsync(descriptor_) != 0) refuse(file_, errno);
    // Some file systems tell of a full disk only here.
    const int closed = close(descriptor_);
    descriptor_ = -1;
    if (closed != 0) refuse(file_, errno);
    if (rename(draft_.c_str(), file_.c_str()) != 0) refuse(file_, errno);
    kept_ = true;
  }

 private:
  std::filesystem::path file_, draft_;
  int descriptor_ = -1;
  bool kept_ = false;
};

/// Device files such as /dev/full take no draft beside them.
bool is_device(const std::filesystem::path& file) {
  struct stat status {};
  return stat(file.c_str(), &status) == 0 && (S_ISCHR(status.st_mode) || S_ISFIFO(status.st_mode));
}

void write_device(const std::filesystem::path& file, std::span<const std::byte> bytes) {
  const int descriptor = open(file.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) refuse(file, errno);
  const auto written = ::write(descriptor, bytes.data(), bytes.size());
  const int error = errno;
  close(descriptor);
  if (written != static_cast<ssize_t>(bytes.size())) refuse(file, written < 0 ? error : ENOSPC);
}

}  // namespace

void write_file(const std::filesystem::path& file, std::span<const std::byte> bytes) {
  if (is_device(file)) return write_device(file, bytes);
  Draft draft(file);
  draft.write(bytes);
  draft.keep();
}

void write_file(const std::filesystem::path& file, std::string_view text) {
  write_file(file, std::as_bytes(std::span(text)));
}

}  // namespace ranvier
