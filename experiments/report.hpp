#pragma once

/// report.html, which the Python package draws from a folder of results.

#include <filesystem>
#include <optional>
#include <string>

namespace ranvier {

/// The interpreter used: $RANVIER_PYTHON, else the one the build was told of, else python3.
std::string python_interpreter();

/// Runs `<python> -m ranvier.report DIR`. Returns why there is no report, nothing where there is
/// one: a missing plot is no reason to lose a run.
std::optional<std::string> run_report(const std::filesystem::path& folder);

}  // namespace ranvier
