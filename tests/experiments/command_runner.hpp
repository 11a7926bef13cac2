#pragma once

/// Runs the command `ranvier` inside the test's process.

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "core/files/write_file.hpp"
#include "experiments/command_line/command.hpp"

namespace ranvier::test {

struct CommandResult {
  int code;
  std::string out;
  std::string err;

  /// Lines of the error stream: one for each problem.
  std::vector<std::string> problems() const {
    std::vector<std::string> lines;
    std::istringstream stream(err);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }
};

inline CommandResult ranvier(const std::vector<std::string>& arguments) {
  std::ostringstream out, err;
  const int code = ranvier_main(arguments, out, err);
  return {code, out.str(), err.str()};
}

}  // namespace ranvier::test
