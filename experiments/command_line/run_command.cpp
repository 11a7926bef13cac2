#include <fmt/format.h>

#include "experiments/command_line/command.hpp"
#include "experiments/command_line/interruption.hpp"
#include "experiments/command_line/options.hpp"
#include "experiments/command_line/progress_bar.hpp"
#include "experiments/command_line/thread_option.hpp"
#include "experiments/runner.hpp"

namespace ranvier {
namespace {

namespace po = boost::program_options;
using Texts = std::vector<std::string>;

OptionParser parser() {
  OptionParser options(
      {.usage = "ranvier run CONFIG [options]",
       .summary = "Runs the experiment that a YAML file describes and writes its "
                  "results into a folder.",
       .examples = "  ranvier run configs/two_neurons.yaml\n"
                   "  ranvier run configs/brunel.yaml --threads 4 --out results/b\n"
                   "  ranvier run configs/brunel.yaml --set seed=2 --set "
                   "simulation.duration=2000\n"
                   "  ranvier run configs/brunel.yaml --resume\n"
                   "  ranvier run configs/brunel.yaml --from results/a/checkpoint.h5 --out "
                   "results/b --set devices.drive_excitatory.parameters.rate=9000\n"},
      "config", 1);
  options.add()("out,o", po::value<std::string>()->value_name("DIR"),
                "folder of the results; by default results/<name of the configuration>")(
      "threads,t", po::value<std::string>()->value_name("N"),
      "threads to use, at most; by default one per core. The results do not depend on it")(
      "set,s", po::value<Texts>()->composing()->value_name("KEY.PATH=VALUE"),
      "replaces a value of the configuration; may be repeated")(
      "resume", "continue an interrupted run from the checkpoint in its folder")(
      "from", po::value<std::string>()->value_name("CHECKPOINT"),
      "start from the checkpoint of another run of the same network, with settings that do not "
      "change its structure")("quiet,q", "print errors only")("no-report", "leave out report.html");
  return options;
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
      .from = given.count("from") > 0 ? given["from"].as<std::string>() : std::string(),
      .report = given.count("no-report") == 0,
      .progress = [&](const Progress& progress) { bar.show(progress); },
      .interrupted = [&] { return interruption.requested(); }};
  if (given.count("out") > 0 && run_options.out.empty()) {
    throw UsageError("--out is empty; expected a folder");
  }

  if (run_options.resume && !run_options.from.empty()) {
    throw UsageError("--resume and --from exclude each other; expected one of them");
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
