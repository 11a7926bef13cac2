#include "experiments/report.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "experiments/command_line/command.hpp"
#include "experiments/command_line/options.hpp"

namespace ranvier {
namespace {

ExitCode draw_reports(const std::vector<std::string>& arguments, Streams streams) {
  const OptionParser options({.usage = "ranvier report DIR...",
                              .summary = "Draws report.html anew from the results in a folder. It "
                                         "needs Ranvier's Python package; $RANVIER_PYTHON names "
                                         "the interpreter that has it.",
                              .examples = "  ranvier report results/two_neurons\n"},
                             "folder");
  const auto given = options.parse(arguments);
  if (wants_help(given)) {
    streams.out << options.help();
    return success;
  }
  if (given.count("folder") == 0) throw UsageError("no folder given; usage: ranvier report DIR...");
  for (const std::filesystem::path folder : given["folder"].as<std::vector<std::string>>()) {
    if (!std::filesystem::exists(folder / "results.h5")) {
      throw FileNotFound(fmt::format("{} does not exist; expected a folder that a run wrote",
                                     (folder / "results.h5").string()));
    }
    if (const auto problem = run_report(folder)) throw OutputError(*problem);
    streams.out << (folder / "report.html").string() << "\n";
  }
  return success;
}

}  // namespace

Command report_command() {
  return {"report", "draw report.html from a folder of results", draw_reports};
}

}  // namespace ranvier
