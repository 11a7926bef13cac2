#include "experiments/runner.hpp"

#include <chrono>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/files/checkpoint.hpp"
#include "core/plugin.hpp"
#include "core/version.hpp"
#include "experiments/checkpoint_match.hpp"
#include "experiments/config/read.hpp"
#include "experiments/report.hpp"
#include "experiments/results/output_folder.hpp"
#include "experiments/results/run_log.hpp"

namespace ranvier {
namespace {

namespace fs = std::filesystem;

/// Keys that every configuration has.
struct CommonKeys {
  std::string name;
  std::int64_t seed = 1;

  static std::vector<Field<CommonKeys>> fields() {
    return {text("name", &CommonKeys::name, "what the run is called; empty: as the file"),
            integer("seed", &CommonKeys::seed, non_negative,
                    "decides every random choice: same seed, same spikes")};
  }
};

/// A plugin beside the configuration, or where the path says.
fs::path plugin_path(const ConfigNode& item, const std::string& given) {
  const auto beside = fs::path(item.place().source).parent_path() / given;
  return fs::exists(beside) ? beside : fs::path(given);
}

/// Fails at once: names that a missing plugin would bring are unknown, and reports of all of them
/// would hide the one cause.
void load_plugins(const ConfigNode& list) {
  for (const auto& item : list.items("a list of shared libraries")) {
    const auto value = item.value();
    const auto* given = value ? std::get_if<std::string>(&*value) : nullptr;
    if (given == nullptr) {
      item.refuse("the path of a shared library");
      continue;
    }
    const auto where = fmt::format("{}: {}", item.place().describe(), item.path());
    try {
      load_plugin(plugin_path(item, *given));
    } catch (const FileNotFound& problem) {
      throw FileNotFound(fmt::format("{}: {}", where, problem.what()));
    } catch (const CorruptFile& problem) {
      throw CorruptFile(fmt::format("{}: {}", where, problem.what()));
    }
  }
}

CommonKeys read_common(const ConfigNode& root) {
  CommonKeys common;
  const auto parameters = parameters_of<CommonKeys>();
  root.fill_in("name", root.document().name());
  root.fill_in("seed", common.seed);
  ValueMap values;
  for (const auto& parameter : parameters) {
    if (auto value = read_value(root[parameter.name], parameter)) {
      values[parameter.name] = std::move(*value);
    }
  }
  common = configured<CommonKeys>(values, "the configuration");
  if (common.name.find('/') != std::string::npos) {
    root["name"].refuse("a name without '/', because it names the folder of the results");
  }
  return common;
}

/// What may stand at the top of some configuration.
std::vector<std::string> keys_of_all_kinds() {
  std::vector<std::string> keys = common_keys();
  for (const auto& [name, kind] : experiments()) {
    const auto schema = schema_of(kind);
    for (const auto& [key, value] : schema["properties"].items()) keys.push_back(key);
  }
  return keys;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// One run in the making.
class Execution final : public RunContext {
 public:
  Execution(const PreparedRun& prepared, const RunOptions& options)
      : prepared_(prepared),
        options_(options),
        folder_(options.out.empty() ? fs::path("results") / prepared.name : options.out),
        log_(folder_.draft() / "log.txt"),
        results_(folder_.draft()) {}

  const RunOptions& options() const override { return options_; }
  Results& results() override { return results_; }
  void log(std::string_view line) override { log_.write(line); }
  void warn(std::string_view line) override {
    log_.warn(line);
    warnings_.emplace_back(line);
  }
  void show(std::string_view text) override { shown_ += text; }
  const Archive* resumed() const override { return checkpoint_ ? &*checkpoint_ : nullptr; }

  void keep_checkpoint(Archive archive) override {
    folder_.make_target();
    write_checkpoint(folder_.checkpoint(), stamped(std::move(archive)));
    log(fmt::format("checkpoint kept in {}", folder_.checkpoint().string()));
  }

  void leave_checkpoint(Archive archive) override {
    write_checkpoint(folder_.draft() / folder_.checkpoint().filename(),
                     stamped(std::move(archive)));
  }

  RunOutcome run() {
    log(fmt::format("ranvier {} ({})", version, build_description));
    log(machine_description());
    log(fmt::format("{}: experiment {}, seed {}", prepared_.name, prepared_.kind, prepared_.seed));
    announce_figures();
    if (options_.resume) read_back();
    if (!options_.from.empty()) branch();
    try {
      prepared_.job.run(*this);
    } catch (const Interrupted& stop) {
      throw Interrupted(stopped_message(stop.what()));
    }
    results_.metrics.set("wall_seconds", wall_seconds());
    log(fmt::format("done in {:.3f} s", wall_seconds()));
    results_.write(prepared_.configuration);
    RunOutcome outcome{folder_.target(), results_.metrics, warnings_, shown_};
    if (options_.report) draw_report(outcome);
    folder_.publish();
    return outcome;
  }

 private:
  double wall_seconds() const { return earlier_seconds_ + seconds_since(start_); }

  void read_back() {
    const auto file = folder_.checkpoint();
    if (!fs::exists(file)) {
      throw FileNotFound(
          fmt::format("{} does not exist; expected the checkpoint of an interrupted run to resume",
                      file.string()));
    }
    checkpoint_ = read_checkpoint(file);
    const auto& saved = checkpoint_->get<std::string>("run/configuration");
    if (const auto differs = difference(saved, prepared_.configuration, prepared_.job.may_change)) {
      throw CorruptFile(fmt::format("{} is of another configuration: {}", file.string(), *differs));
    }
    earlier_seconds_ = checkpoint_->get<double>("run/wall_seconds", 1)[0];
    log(fmt::format("resumed from {}", file.string()));
    // A resumed branch is still one.
    if (!checkpoint_->arrays().contains("run/branched_from")) return;
    origin_ = checkpoint_->get<std::string>("run/branched_from");
    results_.metrics.set("branched_from", origin_);
  }

  void branch() {
    if (options_.resume) {
      throw InvalidValue("a run can resume its own checkpoint or branch from another, not both");
    }
    const auto file = fs::weakly_canonical(fs::absolute(options_.from));
    if (file == fs::weakly_canonical(folder_.checkpoint())) {
      throw InvalidValue(fmt::format(
          "{} would be replaced by the run that branches from it; expected another output folder",
          file.string()));
    }
    if (prepared_.job.may_branch.empty()) {
      throw Unsupported(
          fmt::format("experiment {} cannot branch from a checkpoint", prepared_.kind));
    }
    checkpoint_ = read_checkpoint(file);
    const auto& saved = checkpoint_->get<std::string>("run/configuration");
    if (const auto differs = difference(saved, prepared_.configuration, prepared_.job.may_branch)) {
      throw CorruptFile(fmt::format("{} cannot be branched from: {}; a branch may change only {}",
                                    file.string(), *differs,
                                    comma_separated(prepared_.job.may_branch)));
    }
    origin_ = file.string();
    results_.metrics.set("branched_from", origin_);
    log(fmt::format("branched from {}", origin_));
  }

  /// With what the runner itself has to find again.
  Archive stamped(Archive archive) const {
    archive.put("run/configuration", prepared_.configuration);
    archive.put("run/wall_seconds", std::vector<double>{wall_seconds()});
    if (!origin_.empty()) archive.put("run/branched_from", origin_);
    return archive;
  }

  /// The figures every run has come first.
  void announce_figures() {
    auto& metrics = results_.metrics;
    metrics.set("name", prepared_.name);
    metrics.set("version", std::string(version));
    metrics.set("seed", static_cast<std::int64_t>(prepared_.seed));
    metrics.set("threads", static_cast<std::int64_t>(options_.threads));
    metrics.set("ranks", std::int64_t{1});
    metrics.set("wall_seconds", std::nullopt);
    metrics.set("digest", std::nullopt);
  }

  std::string stopped_message(std::string_view what) const {
    if (!fs::exists(folder_.checkpoint())) return std::string(what);
    return fmt::format("{}; {} holds its state, continue with --resume", what,
                       folder_.checkpoint().string());
  }

  void draw_report(RunOutcome& outcome) {
    if (const auto problem = run_report(folder_.draft())) {
      log_.warn(*problem);
      outcome.warnings.push_back(*problem);
    }
  }

  const PreparedRun& prepared_;
  const RunOptions& options_;
  OutputFolder folder_;
  RunLog log_;
  Results results_;
  std::optional<Archive> checkpoint_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  double earlier_seconds_ = 0.0;
  std::string shown_;
  std::vector<std::string> warnings_;
  std::string origin_;  ///< checkpoint that the run branched from
};

}  // namespace

const std::vector<std::string>& common_keys() {
  static const std::vector<std::string> names{"experiment", "name", "seed", "plugins"};
  return names;
}

PreparedRun prepare(ConfigDocument& document) {
  const ConfigNode root(document);
  if (!root.is_map()) document.require_valid();
  load_plugins(root["plugins"]);
  const auto common = read_common(root);
  PreparedRun prepared{.name = common.name.empty() ? document.name() : common.name,
                       .kind = {},
                       .seed = static_cast<std::uint64_t>(common.seed),
                       .job = {},
                       .configuration = {}};
  if (!root["experiment"].has_value()) root.allow_only(keys_of_all_kinds());
  const auto kind_node = root.required(
      "experiment", "the kind of experiment: " + comma_separated(experiments().names()));
  if (kind_node.has_value()) {
    if (const auto kind = read_name(kind_node, experiments())) {
      prepared.kind = *kind;
      prepared.job = experiments().at(*kind).read(root, prepared.seed);
    }
  }
  document.require_valid();
  prepared.configuration = document.resolved();
  return prepared;
}

RunOutcome run(const PreparedRun& prepared, const RunOptions& options) {
  return Execution(prepared, options).run();
}

Schema schema_of(const ExperimentKind& kind) {
  auto schema = kind.schema();
  const auto common = schema_of_map(parameters_of<CommonKeys>());
  auto& properties = schema["properties"];
  for (const auto& [name, value] : common["properties"].items()) properties[name] = value;
  properties["experiment"] = {{"const", kind.name}, {"description", kind.summary}};
  properties["plugins"] = schema_of_list({{"type", "string"}});
  schema["required"].push_back("experiment");
  return schema;
}

}  // namespace ranvier
