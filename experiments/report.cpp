#include "experiments/report.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ranvier {
namespace {

/// What a program printed to its error stream, and how it ended.
struct Ended {
  int status = 0;
  std::string errors;
};

std::string last_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const auto begin = text.rfind('\n');
  return begin == std::string::npos ? text : text.substr(begin + 1);
}

std::string read_all(int descriptor) {
  std::string text;
  char buffer[4096];
  while (true) {
    const auto count = read(descriptor, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(count));
  }
}

/// Runs a program to its end; nothing where it cannot be started.
std::optional<Ended> run_program(const char* const* arguments, int& error) {
  int channel[2];
  if (pipe2(channel, O_CLOEXEC) != 0) {
    error = errno;
    return std::nullopt;
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, channel[1], STDERR_FILENO);
  pid_t child = 0;
  error = posix_spawnp(&child, arguments[0], &actions, nullptr, const_cast<char* const*>(arguments),
                       environ);
  posix_spawn_file_actions_destroy(&actions);
  close(channel[1]);
  Ended ended;
  if (error == 0) {
    ended.errors = read_all(channel[0]);
    while (waitpid(child, &ended.status, 0) < 0 && errno == EINTR) {
    }
  }
  close(channel[0]);
  if (error != 0) return std::nullopt;
  return ended;
}

}  // namespace

std::string python_interpreter() {
  const char* chosen = std::getenv("RANVIER_PYTHON");
  if (chosen != nullptr && *chosen != '\0') return chosen;
#ifdef RANVIER_REPORT_PYTHON
  return RANVIER_REPORT_PYTHON;
#else
  return "python3";
#endif
}

std::optional<std::string> run_report(const std::filesystem::path& folder) {
  const auto python = python_interpreter();
  const char* const arguments[] = {python.c_str(), "-m", "ranvier.report", folder.c_str(), nullptr};
  int error = 0;
  const auto ended = run_program(arguments, error);
  if (!ended) {
    return fmt::format("no report.html: {} cannot be started: {}", python, std::strerror(error));
  }
  if (WIFEXITED(ended->status) && WEXITSTATUS(ended->status) == 0) return std::nullopt;
  const auto why = last_line(ended->errors);
  return fmt::format("no report.html: {} -m ranvier.report failed: {}", python,
                     why.empty() ? "it gave no reason" : why);
}

}  // namespace ranvier
