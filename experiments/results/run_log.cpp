#include "experiments/results/run_log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/basic_file_sink.h>

#include "core/error.hpp"

namespace ranvier {

RunLog::RunLog(const std::filesystem::path& file) {
  try {
    auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file.string(), true);
    logger_ = std::make_shared<spdlog::logger>("run", std::move(sink));
  } catch (const spdlog::spdlog_ex& problem) {
    throw OutputError(fmt::format("{} cannot be written: {}", file.string(), problem.what()));
  }
  logger_->set_pattern("%Y-%m-%d %H:%M:%S.%e %l %v");
  logger_->flush_on(spdlog::level::trace);
  logger_->set_error_handler([](const std::string&) {});
}

void RunLog::write(std::string_view line) {
  logger_->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

void RunLog::warn(std::string_view line) {
  logger_->log(spdlog::level::warn, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace ranvier
