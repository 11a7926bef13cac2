#include <fmt/format.h>

#include "experiments/command_line/command.hpp"
#include "experiments/command_line/options.hpp"
#include "experiments/command_line/thread_option.hpp"
#include "experiments/runner.hpp"

namespace ranvier {
namespace {

namespace po = boost::program_options;
using Texts = std::vector<std::string>;

OptionParser parser() {
  OptionParser options(
      {.usage = "ranvier plan CONFIG [options]",
       .summary = "Tells what a simulation will take before anything is built: neurons, expected "
                  "synapses, memory by part, size of the results, time.",
       .examples = "  ranvier plan configs/brunel.yaml\n"
                   "  ranvier plan configs/brunel.yaml --set simulation.duration=60000\n"},
      "config", 1);
  options.add()("set,s", po::value<Texts>()->composing()->value_name("KEY.PATH=VALUE"),
                "replaces a value of the configuration; may be repeated")(
      "threads,t", po::value<std::string>()->value_name("N"),
      "threads of the run, at most; by default one per core");
  return options;
}

ExitCode plan(const std::vector<std::string>& arguments, Streams streams) {
  const auto options = parser();
  const auto given = options.parse(arguments);
  if (wants_help(given)) {
    streams.out << options.help();
    return success;
  }
  if (given.count("config") == 0) {
    throw UsageError("no configuration given; usage: ranvier plan CONFIG [options]");
  }
  const auto threads = threads_of(given);
  const auto overrides = given.count("set") > 0 ? given["set"].as<Texts>() : Texts{};
  auto document = ConfigDocument::from_file(given["config"].as<Texts>()[0], overrides);
  const auto prepared = prepare(document);
  if (!prepared.job.forecast) {
    throw Unsupported(
        fmt::format("experiment {} cannot be planned; expected simulate", prepared.kind));
  }
  streams.out << prepared.job.forecast(threads);
  return success;
}

}  // namespace

Command plan_command() { return {"plan", "tell what a simulation will take", plan}; }

}  // namespace ranvier
