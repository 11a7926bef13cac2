#pragma once

/// log.txt: what a run did and when.

#include <filesystem>
#include <memory>
#include <string_view>

namespace spdlog {
class logger;
}

namespace ranvier {

class RunLog {
 public:
  /// Throws OutputError where the file cannot be opened.
  explicit RunLog(const std::filesystem::path& file);

  /// One line with the time; on the disk when the call returns. A full disk is left to the results
  /// to find.
  void write(std::string_view line);
  void warn(std::string_view line);

 private:
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace ranvier
