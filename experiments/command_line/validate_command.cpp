#include <algorithm>

#include "experiments/command_line/command.hpp"
#include "experiments/command_line/options.hpp"
#include "experiments/runner.hpp"

namespace ranvier {
namespace {

namespace po = boost::program_options;
using Texts = std::vector<std::string>;

OptionParser parser() {
  OptionParser options(
      {.usage = "ranvier validate CONFIG... [options]",
       .summary = "Checks configurations without running them and lists everything "
                  "that is wrong.",
       .examples = "  ranvier validate configs/*.yaml\n"
                   "  ranvier validate configs/brunel.yaml --set seed=2\n"},
      "config");
  options.add()("set,s", po::value<Texts>()->composing()->value_name("KEY.PATH=VALUE"),
                "replaces a value of every configuration; may be repeated")(
      "resolved", "print each configuration with all its defaults filled in");
  return options;
}

/// Checks one file; what is wrong goes to the error stream.
ExitCode validate(const std::string& file, const po::variables_map& given, Streams streams) {
  const auto overrides = given.count("set") > 0 ? given["set"].as<Texts>() : Texts{};
  try {
    auto document = ConfigDocument::from_file(file, overrides);
    const auto prepared = prepare(document);
    if (given.count("resolved") > 0) {
      streams.out << prepared.configuration;
    } else {
      streams.out << file << ": valid\n";
    }
    return success;
  } catch (const InvalidConfig& problem) {
    for (const auto& line : problem.problems()) streams.err << "ranvier: " << line << "\n";
    return invalid_configuration;
  } catch (const Error& problem) {
    streams.err << "ranvier: " << problem.what() << "\n";
    return exit_code_of(problem);
  }
}

ExitCode validate_all(const std::vector<std::string>& arguments, Streams streams) {
  const auto options = parser();
  const auto given = options.parse(arguments);
  if (wants_help(given)) {
    streams.out << options.help();
    return success;
  }
  if (given.count("config") == 0) {
    throw UsageError("no configuration given; usage: ranvier validate CONFIG...");
  }
  auto worst = success;
  for (const auto& file : given["config"].as<Texts>()) {
    worst = std::max(worst, validate(file, given, streams));
  }
  return worst;
}

}  // namespace

Command validate_command() {
  return {"validate", "check configurations without running them", validate_all};
}

}  // namespace ranvier
