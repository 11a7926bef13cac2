#include <sched.h>

#include <algorithm>

#include <fmt/format.h>

#include "experiments/command_line/command.hpp"
#include "experiments/command_line/interruption.hpp"
#include "experiments/command_line/options.hpp"
#include "experiments/command_line/progress_bar.hpp"
#include "experiments/runner.hpp"

namespace ranvier {
namespace {

namespace po = boost::program_options;
using Texts = std::vector<std::string>;

constexpr unsigned most_threads = 4096;

OptionParser parser() {
  OptionParser options(
      {.usage = "ranvier run CONFIG [options]",
       .summary = "Runs the experiment that a YAML file describes and writes its "
                  "results into a folder.",
       .examples = "  ranvier run configs/two_neurons.yaml\n"
                   "  ranvier run configs/brunel.yaml --threads 4 --out results/b\n"
                   "  ranvier run configs/brunel.yaml --set seed=2 --set "
                   "simulation.duration=2000\n"
                   "  ranvier run configs/brunel.yaml --resume\n"},
      "config", 1);
  options.add()("out,o", po::value<std::string>()->value_name("DIR"),
                "folder of the results; by default results/<name of the configuration>")(
      "threads,t", po::value<std::string>()->value_name("N"),
      "threads to use, at most; by default one per core. The results do not depend on it")(
      "set,s", po::value<Texts>()->composing()->value_name("KEY.PATH=VALUE"),
      "replaces a value of the configuration; may be repeated")(
      "resume", "continue an interrupted run from the checkpoint in its folder")(
      "quiet,q", "print errors only")("no-report", "leave out report.html");
  return options;
}

unsigned available_cores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (sched_getaffinity(0, sizeof cores, &cores) != 0) return 1;
  return static_cast<unsigned>(std::max(1, CPU_COUNT(&cores)));
}

unsigned threads_of(const po::variables_map& given) {
  if (given.count("threads") == 0) return available_cores();
  const auto& text = given["threads"].as<std::string>();
  const bool digits = !text.empty() && text.size() < 6 &&
                      std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  const unsigned threads = digits ? static_cast<unsigned>(std::stoul(text)) : 0;
  if (threads == 0 || threads > most_threads) {
    throw UsageError(fmt::format("--threads is '{}'; expected a whole number between 1 and {}",
                                 text, most_threads));
  }
  return threads;
}

std::string figure(const std::optional<Value>& value) {
  if (!value) return "undefined";
  if (const auto* real = std::get_if<double>(&*value)) return fmt::format("{:.6g}", *real);
  const auto* text = std::get_if<std::string>(&*value);
  return text != nullptr ? *text : to_string(*value);
}

std::string summary_of(const RunOutcome& outcome) {
  std::string text = outcome.shown;
  if (text.empty()) {
    for (const auto& [name, value] : outcome.metrics.entries()) {
      text += fmt::format("{:<22} {}\n", name, figure(value));
    }
  } else if (!text.ends_with('\n')) {
    text += '\n';
  }
  return text + fmt::format("results in {}\n", outcome.folder.string());
}

ExitCode run_experiment(const std::vector<std::string>& arguments, Streams streams) {
  const auto options = parser();
  const auto given = options.parse(arguments);
  if (wants_help(given)) {
    streams.out << options.help();
    return success;
  }
  if (given.count("config") == 0) {
    throw UsageError("no configuration given; usage: ranvier run CONFIG [options]");
  }
  const bool quiet = given.count("quiet") > 0;
  const auto overrides = given.count("set") > 0 ? given["set"].as<Texts>() : Texts{};
  const Interruption interruption;
  ProgressBar bar(!quiet);
  RunOptions run_options{
      .out = given.count("out") > 0 ? given["out"].as<std::string>() : std::string(),
      .threads = threads_of(given),
      .resume = given.count("resume") > 0,
      .report = given.count("no-report") == 0,
      .progress = [&](const Progress& progress) { bar.show(progress); },
      .interrupted = [&] { return interruption.requested(); }};
  if (given.count("out") > 0 && run_options.out.empty()) {
    throw UsageError("--out is empty; expected a folder");
  }

  auto document = ConfigDocument::from_file(given["config"].as<Texts>()[0], overrides);
  const auto outcome = run(prepare(document), run_options);
  bar.wipe();
  for (const auto& warning : outcome.warnings)
    streams.err << "ranvier: warning: " << warning << "\n";
  if (!quiet) streams.out << summary_of(outcome);
  return success;
}

}  // namespace

Command run_command() {
  return {"run", "run the experiment that a configuration describes", run_experiment};
}

}  // namespace ranvier
