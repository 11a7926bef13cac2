#include <unistd.h>

#include <filesystem>

#include <fmt/format.h>

#include "core/files/hdf5.hpp"
#include "experiments/command_line/command.hpp"
#include "experiments/command_line/interruption.hpp"
#include "experiments/command_line/options.hpp"
#include "experiments/command_line/progress_bar.hpp"
#include "experiments/command_line/thread_option.hpp"
#include "experiments/runner.hpp"

namespace ranvier {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;
using Texts = std::vector<std::string>;

OptionParser parser() {
  OptionParser options(
      {.usage = "ranvier verify RESULTS [options]",
       .summary = "Runs a simulation again from the configuration in its results, on another "
                  "number of threads, and compares the digest of all spikes. The results stay "
                  "as they are.",
       .examples = "  ranvier verify results/brunel\n"
                   "  ranvier verify results/brunel --threads 3\n"},
      "results", 1);
  options.add()("threads,t", po::value<std::string>()->value_name("N"),
                "threads of the second run; by default 1, or 2 where the first had 1")(
      "quiet,q", "print errors only");
  return options;
}

/// What the results say of the run that made them.
struct Claim {
  std::string configuration;
  std::string digest;
  unsigned threads;
  std::string branched_from;  ///< checkpoint; empty for a run from time zero
};

Claim claim_of(const fs::path& results) {
  const auto file = results / "results.h5";
  if (!fs::exists(file)) {
    throw FileNotFound(
        fmt::format("{} does not exist; expected a folder that a run wrote", file.string()));
  }
  const hdf5::InputFile input(file);
  if (!input.has_attribute("configuration") || !input.has_attribute("digest", "metrics")) {
    throw CorruptFile(
        fmt::format("{} holds no configuration or no digest; expected results of a "
                    "run",
                    file.string()));
  }
  const bool branch = input.has_attribute("branched_from", "metrics");
  return {.configuration = input.text_attribute("configuration"),
          .digest = input.text_attribute("digest", "metrics"),
          .threads = static_cast<unsigned>(input.real_attribute("threads", "metrics")),
          .branched_from = branch ? input.text_attribute("branched_from", "metrics") : ""};
}

/// A folder that goes with this object.
class ScratchFolder {
 public:
  ScratchFolder() : path_(fs::temp_directory_path() / fmt::format("ranvier-verify-{}", getpid())) {}
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const noexcept { return path_; }

 private:
  fs::path path_;
};

RunOutcome run_again(const fs::path& results, const Claim& claim, unsigned threads, bool quiet) {
  auto document =
      ConfigDocument::from_text(claim.configuration, (results / "configuration").string());
  const auto prepared = prepare(document);
  if (prepared.kind != "simulate") {
    throw Unsupported(fmt::format("{} holds results of experiment {}; expected simulate",
                                  results.string(), prepared.kind));
  }
  const ScratchFolder scratch;
  const Interruption interruption;
  ProgressBar bar(!quiet);
  return run(prepared, {.out = scratch.path() / "again",
                        .threads = threads,
                        .from = claim.branched_from,
                        .exact_threads = true,
                        .report = false,
                        .progress = [&](const Progress& progress) { bar.show(progress); },
                        .interrupted = [&] { return interruption.requested(); }});
}

ExitCode verify(const std::vector<std::string>& arguments, Streams streams) {
  const auto options = parser();
  const auto given = options.parse(arguments);
  if (wants_help(given)) {
    streams.out << options.help();
    return success;
  }
  if (given.count("results") == 0) {
    throw UsageError("no results given; usage: ranvier verify RESULTS [options]");
  }
  const bool quiet = given.count("quiet") > 0;
  const fs::path results = given["results"].as<Texts>()[0];
  const auto claim = claim_of(results);
  const unsigned other = claim.threads == 1 ? 2 : 1;
  const unsigned threads = given.count("threads") > 0 ? threads_of(given) : other;
  const auto metrics = run_again(results, claim, threads, quiet).metrics;
  const auto digest = std::get<std::string>(*metrics.at("digest"));
  const auto used = std::get<std::int64_t>(*metrics.at("threads"));
  if (digest != claim.digest) {
    streams.err << fmt::format(
        "ranvier: {}: the digest of all spikes is {} on {} threads and was {} on {} threads\n",
        results.string(), digest, used, claim.digest, claim.threads);
    return not_reproduced;
  }
  if (!quiet) {
    streams.out << fmt::format("{}: all spikes identical, digest {}, on {} and {} threads\n",
                               results.string(), digest, claim.threads, used);
  }
  return success;
}

}  // namespace

Command verify_command() {
  return {"verify", "run a simulation again on other threads and compare its spikes", verify};
}

}  // namespace ranvier
