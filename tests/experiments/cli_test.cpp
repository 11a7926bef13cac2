/// The command `ranvier` as scripts and people meet it.

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/files/write_file.hpp"
#include "core/neuron_model.hpp"
#include "core/version.hpp"
#include "experiments/command_line/progress_bar.hpp"
#include "tests/catch.hpp"
#include "tests/experiments/command_runner.hpp"
#include "tests/experiments/idx_files.hpp"
#include "tests/file_content.hpp"

namespace ranvier {
namespace {

namespace fs = std::filesystem;
using test::content_of;
using test::TemporaryFolder;
using Texts = std::vector<std::string>;

const std::string two_neurons = RANVIER_SOURCE_DIR "/configs/two_neurons.yaml";

/// The command built beside this test's own folder of executables.
fs::path built_command() {
  const auto own = fs::read_symlink("/proc/self/exe");
  return own.parent_path().parent_path() / "ranvier";
}

/// The real command in a process of its own, its error stream in a file.
class Process {
 public:
  Process(Texts arguments, const fs::path& errors) {
    arguments.insert(arguments.begin(), built_command().string());
    std::vector<char*> words;
    for (auto& argument : arguments) words.push_back(argument.data());
    words.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors.c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0644);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    REQUIRE(posix_spawn(&id_, words[0], &actions, nullptr, words.data(), environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
  }

  void signal(int number) const { kill(id_, number); }

  int exit_code() const {
    int status = 0;
    waitpid(id_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  pid_t id_ = 0;
};

TEST_CASE("a run prints its figures and where its results are") {
  const TemporaryFolder folder;
  const auto out = (folder / "out").string();
  const auto result = test::ranvier({"run", two_neurons, "--out", out, "--no-report"});
  CHECK(result.code == success);
  CHECK(result.err.empty());
  CHECK(result.out.find("rate_hz_driver") != std::string::npos);
  CHECK(result.out.find("results in " + out) != std::string::npos);
  const auto quiet = test::ranvier({"run", two_neurons, "-o", out, "--no-report", "-q"});
  CHECK(quiet.code == success);
  CHECK(quiet.out.empty());
}

TEST_CASE("overrides reach the run") {
  const TemporaryFolder folder;
  const auto out = folder / "out";
  const auto result =
      test::ranvier({"run", two_neurons, "--out", out.string(), "--no-report", "--set",
                     "simulation.duration=50", "--set", "name=short", "--threads", "1"});
  REQUIRE(result.code == success);
  const auto figures = nlohmann::json::parse(content_of(out / "metrics.json"));
  CHECK(figures["biological_seconds"] == 0.05);
  CHECK(figures["name"] == "short");
}

TEST_CASE("a report that cannot be drawn is a warning, not a failure") {
  const TemporaryFolder folder;
  const test::EnvironmentVariable python("RANVIER_PYTHON", "/bin/false");
  const auto result = test::ranvier({"run", two_neurons, "--out", (folder / "out").string()});
  CHECK(result.code == success);
  CHECK(result.err.find("warning: no report.html: /bin/false") != std::string::npos);
  CHECK(fs::exists(folder / "out" / "results.h5"));
  const test::EnvironmentVariable none("RANVIER_PYTHON", "/no/such/python");
  const auto report = test::ranvier({"report", (folder / "out").string()});
  CHECK(report.code == output_failed);
  CHECK(report.err.find("cannot be started") != std::string::npos);
}

TEST_CASE("validate tells of every file, and shows it with its defaults") {
  const TemporaryFolder folder;
  write_file(folder / "bad.yaml", "experiment: simulate\n");
  const auto bad = (folder / "bad.yaml").string();
  const auto result = test::ranvier({"validate", two_neurons, bad});
  CHECK(result.code == invalid_configuration);
  CHECK(result.out == two_neurons + ": valid\n");
  CHECK(result.err.find("bad.yaml:1:1: populations is missing") != std::string::npos);
  CHECK(result.err.find("simulation.duration is missing") != std::string::npos);

  const auto resolved = test::ranvier({"validate", two_neurons, "--resolved"});
  CHECK(resolved.out.find("tau_syn_in: 2.0") != std::string::npos);
  write_file(folder / "resolved.yaml", resolved.out);
  CHECK(test::ranvier({"validate", (folder / "resolved.yaml").string(), "--resolved"}).out ==
        resolved.out);
}

TEST_CASE("every command has help with examples and exit codes") {
  for (const std::string command :
       {"run", "validate", "plan", "verify", "list", "describe", "data", "report", "schema"}) {
    const auto result = test::ranvier({command, "--help"});
    CAPTURE(command);
    CHECK(result.code == success);
    CHECK(result.out.find("Usage: ranvier " + command) == 0);
    CHECK(result.out.find("Examples:\n  ranvier " + command) != std::string::npos);
    CHECK(result.out.find("130  stopped by Ctrl-C") != std::string::npos);
  }
  CHECK(test::ranvier({"--help"}).out.find("describe") != std::string::npos);
  CHECK(test::ranvier({"--version"}).out.find(std::string(version)) != std::string::npos);
}

TEST_CASE("list names everything of a kind") {
  const auto kinds = test::ranvier({"list"});
  for (const std::string kind : {"models", "devices", "rules", "distributions", "runtimes",
                                 "experiments", "surrogates", "losses", "optimisers", "datasets"}) {
    CAPTURE(kind);
    CHECK(kinds.out.find(kind + " ") != std::string::npos);
    CHECK(test::ranvier({"list", kind}).code == success);
  }
  const auto models = test::ranvier({"list", "models"}).out;
  for (const auto& name : neuron_models().names()) CHECK(models.find(name) != std::string::npos);
  CHECK(test::ranvier({"data", "list"}).out.find("digits8x8") != std::string::npos);
}

TEST_CASE("describe tells equations, parameters, ports, state and source of a model") {
  const auto page = test::ranvier({"describe", "iaf_psc_exp"}).out;
  for (const std::string word :
       {"C_m dV_m/dt", "tau_syn_ex", "ms", "real number greater than 0", "excitatory", "I_syn_ex",
        "clock, event", "Rotter & Diesmann 1999"}) {
    CAPTURE(word);
    CHECK(page.find(word) != std::string::npos);
  }
  CHECK(test::ranvier({"describe", "fixed_indegree"}).out.find("indegree") != std::string::npos);
}

TEST_CASE("the schema knows every model, rule and parameter") {
  const auto result = test::ranvier({"schema", "simulate"});
  REQUIRE(result.code == success);
  const auto schema = nlohmann::json::parse(result.out);
  CHECK(schema["$schema"].is_string());
  const auto& properties = schema["anyOf"][0]["properties"];
  CHECK(properties["experiment"]["const"] == "simulate");
  CHECK(properties["simulation"]["properties"]["resolution"]["exclusiveMinimum"] == 0.0);
  const auto& forms = properties["populations"]["additionalProperties"]["anyOf"];
  CHECK(forms.size() == neuron_models().names().size());
  CHECK(result.out.find("fixed_indegree") != std::string::npos);
}

TEST_CASE("Ctrl-C keeps a checkpoint, says so, and exits with 130; the run goes on from it") {
  if (!fs::exists(built_command())) return;  // the tests were built without the command
  const TemporaryFolder folder;
  const auto out = folder / "out";
  const auto signal = GENERATE(SIGINT, SIGTERM);
  const Texts run{"run",
                  two_neurons,
                  "--out",
                  out.string(),
                  "--no-report",
                  "--set",
                  "simulation.duration=3e6",
                  "--set",
                  "record.states=[]"};
  const Process process(run, folder / "errors");
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  process.signal(signal);
  REQUIRE(process.exit_code() == interrupted);
  const auto message = content_of(folder / "errors");
  CHECK(message.find("checkpoint.h5 holds its state, continue with --resume") != std::string::npos);
  CHECK(std::ranges::count(message, '\n') == 1);
  CHECK(fs::exists(out / "checkpoint.h5"));
  if (signal != SIGINT) return;

  auto resumed = run;
  resumed.emplace_back("--resume");
  REQUIRE(test::ranvier(resumed).code == success);
  const auto whole = folder / "whole";
  auto at_once = run;
  at_once[3] = whole.string();
  REQUIRE(test::ranvier(at_once).code == success);
  CHECK(nlohmann::json::parse(content_of(out / "metrics.json"))["digest"] ==
        nlohmann::json::parse(content_of(whole / "metrics.json"))["digest"]);
}

TEST_CASE("a run killed at a random moment goes on bit-exactly from its last checkpoint") {
  if (!fs::exists(built_command())) return;
  const TemporaryFolder folder;
  const auto out = folder / "out";
  Texts run{"run",
            two_neurons,
            "--out",
            out.string(),
            "--no-report",
            "--set",
            "simulation.duration=3e6",
            "--set",
            "record.states=[]",
            "--set",
            "checkpoint.every=20000"};
  const Process process(run, folder / "errors");
  for (int k = 0; k < 6000 && !fs::exists(out / "checkpoint.h5"); ++k) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  const auto wait = std::chrono::milliseconds(std::random_device{}() % 200);
  CAPTURE(wait.count());
  std::this_thread::sleep_for(wait);
  process.signal(SIGKILL);
  REQUIRE(process.exit_code() == -SIGKILL);

  const auto digest_in = [&](const std::string& name) {
    return nlohmann::json::parse(content_of(folder / name / "metrics.json"))["digest"];
  };
  run[10] = "checkpoint.every=0";
  run.emplace_back("--resume");
  REQUIRE(test::ranvier(run).code == success);
  run.pop_back();
  run[3] = (folder / "whole").string();
  REQUIRE(test::ranvier(run).code == success);
  CHECK(digest_in("out") == digest_in("whole"));
}

TEST_CASE("the exit code of the process is that of the table") {
  if (!fs::exists(built_command())) return;
  const TemporaryFolder folder;
  CHECK(Process({"list", "models"}, folder / "errors").exit_code() == success);
  CHECK(Process({"rum"}, folder / "errors").exit_code() == usage_error);
  CHECK(Process({"run", "none.yaml"}, folder / "errors").exit_code() == bad_input_file);
}

TEST_CASE("a progress line tells the share, the amount and the time left") {
  CHECK(progress_line({"simulating", 250.0, 1000.0, "ms"}, 10.0) ==
        "simulating [#######                       ]  25 %, 250 of 1000 ms, 30 s left");
  CHECK(progress_line({"training", 0.0, 100.0, "%"}, 3.0) ==
        "training [                              ]   0 %");
  CHECK(progress_line({"training", 150.0, 100.0, "%"}, 3.0).find("100 %") != std::string::npos);
}

}  // namespace
}  // namespace ranvier
