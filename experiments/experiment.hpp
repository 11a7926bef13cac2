#pragma once

/// What an experiment is: a reading of a configuration that gives a job, and the job. Kinds are
/// found by name; each registers itself from its own file.

#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/archive.hpp"
#include "core/registry.hpp"
#include "experiments/config/node.hpp"
#include "experiments/config/schema.hpp"
#include "experiments/results/results.hpp"

namespace ranvier {

/// How far a stage of a run is.
struct Progress {
  std::string_view stage;
  double done;
  double total;
  std::string_view unit;
};

struct RunOptions {
  std::filesystem::path out{};  ///< empty: results/<name>
  unsigned threads = 1;
  bool resume = false;
  std::filesystem::path from{};  ///< checkpoint to branch from; empty: none
  /// Bytes that the run may take at most, beside what the machine has.
  double memory_limit = std::numeric_limits<double>::infinity();
  bool exact_threads = false;                       ///< use all threads even where fewer are faster
  bool report = true;                               ///< make report.html
  std::function<void(const Progress&)> progress{};  ///< called now and then
  std::function<bool()> interrupted{};              ///< polled now and then
};

/// What a job works with.
class RunContext {
 public:
  virtual ~RunContext() = default;

  virtual const RunOptions& options() const = 0;
  virtual Results& results() = 0;

  /// One line of log.txt.
  virtual void log(std::string_view line) = 0;

  /// Something the user should know of a run that is right nevertheless: log.txt and the terminal.
  virtual void warn(std::string_view line) = 0;

  /// Text for the user to see when the run is done: a small table.
  virtual void show(std::string_view text) = 0;

  /// Keeps the state of an unfinished run; `--resume` finds it as `resumed`.
  virtual void keep_checkpoint(Archive archive) = 0;

  /// Leaves the state of the finished run beside its results, for others to branch from.
  virtual void leave_checkpoint(Archive archive) = 0;

  /// What an earlier run kept, where this one resumes it or branches from it.
  virtual const Archive* resumed() const = 0;
};

/// A configuration that was read: it refers to no YAML any more.
struct Job {
  /// Does the work and fills in the results: metrics beyond those that every run has, and
  /// `digest`. Throws Interrupted, after keeping a checkpoint, when the options say so.
  std::function<void(RunContext&)> run{};

  /// Keys that may change between an interrupted run and its continuation.
  std::vector<std::string> may_change{};

  /// Keys that may change where a run branches from a checkpoint; "*" stands for any one name.
  std::vector<std::string> may_branch{};

  /// A table of what the run will take, on so many threads; empty: this kind cannot tell.
  std::function<std::string(unsigned threads)> forecast{};
};

struct ExperimentKind {
  std::string name{};
  std::string summary{};

  /// Reads the top of a configuration beyond the keys common to all (see `common_keys`), and refuses
  /// unknown ones. Reports problems to the document; the job is used only where there were none.
  std::function<Job(const ConfigNode& root, std::uint64_t seed)> read{};

  /// The same keys as a JSON schema.
  std::function<Schema()> schema{};
};

Registry<ExperimentKind>& experiments();

/// Registers a kind; to be called from a namespace-scope initialiser.
const ExperimentKind& add_experiment(ExperimentKind kind);

}  // namespace ranvier
