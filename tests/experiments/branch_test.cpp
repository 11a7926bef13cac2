/// Runs that start from the checkpoint of another run.

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/files/write_file.hpp"
#include "tests/catch.hpp"
#include "tests/experiments/command_runner.hpp"
#include "tests/experiments/idx_files.hpp"
#include "tests/experiments/noisy_network.hpp"
#include "tests/file_content.hpp"

namespace ranvier {
namespace {

namespace fs = std::filesystem;
using test::content_of;
using test::noisy_network;
using test::TemporaryFolder;
using Texts = std::vector<std::string>;

/// A run over 200 ms whose end is left to branch from.
struct Trunk {
  explicit Trunk(const Texts& overrides = {}) {
    write_file(folder / "x.yaml", noisy_network);
    Texts arguments{"--out", (folder / "trunk").string(), "--set", "checkpoint.keep=true"};
    for (const auto& item : overrides) arguments.insert(arguments.end(), {"--set", item});
    REQUIRE(run(arguments).code == success);
    REQUIRE(fs::exists(checkpoint()));
  }

  fs::path checkpoint() const { return folder / "trunk" / "checkpoint.h5"; }

  test::CommandResult run(const Texts& arguments) const {
    Texts all{"run", (folder / "x.yaml").string(), "--no-report"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return test::ranvier(all);
  }

  test::CommandResult branch(const std::string& name, const Texts& overrides) const {
    Texts arguments{"--from", checkpoint().string(), "--out", (folder / name).string()};
    for (const auto& item : overrides) arguments.insert(arguments.end(), {"--set", item});
    return run(arguments);
  }

  nlohmann::json figures(const std::string& name) const {
    return nlohmann::json::parse(content_of(folder / name / "metrics.json"));
  }

  TemporaryFolder folder;
};

TEST_CASE("a branch with nothing changed is the run that was never cut") {
  const auto runtime = "simulation.runtime=" + GENERATE(as<std::string>{}, "clock", "event");
  const Trunk trunk({runtime});
  const std::string longer = "simulation.duration=400";
  REQUIRE(trunk.branch("branch", {runtime, longer}).code == success);
  REQUIRE(trunk.run({"--out", (trunk.folder / "whole").string(), "--set", longer, "--set", runtime})
              .code == success);
  CHECK(trunk.figures("branch")["digest"] == trunk.figures("whole")["digest"]);
  CHECK(trunk.figures("branch")["branched_from"].get<std::string>().ends_with("checkpoint.h5"));
  CHECK(fs::exists(trunk.checkpoint()));
  CHECK(test::ranvier({"verify", (trunk.folder / "branch").string()}).code == success);
}

TEST_CASE("a branch takes changed input, weights and neurons from the checkpoint on") {
  const Trunk trunk;
  const std::string longer = "simulation.duration=400";
  REQUIRE(trunk.branch("same", {longer}).code == success);
  const auto same = trunk.figures("same")["spikes"].get<int>();
  const auto before = trunk.figures("trunk")["spikes"].get<int>();

  REQUIRE(trunk.branch("silent", {longer, "devices.noise.parameters.rate=0"}).code == success);
  const auto silent = trunk.figures("silent")["spikes"].get<int>();
  CHECK(silent >= before);
  CHECK(silent < before + (same - before) / 2);
  for (const std::string change :
       {"projections.0.weight=-60", "populations.exc.parameters.tau_m=20"}) {
    CAPTURE(change);
    REQUIRE(trunk.branch("changed", {longer, change}).code == success);
    CHECK(trunk.figures("changed")["digest"] != trunk.figures("same")["digest"]);
    CHECK(test::ranvier({"verify", (trunk.folder / "changed").string()}).code == success);
  }
}

TEST_CASE("a branch that changes the structure is refused by the name of the change") {
  const Trunk trunk;
  const std::vector<std::pair<std::string, std::string>> rows{
      {"populations.exc.size=301", "populations.exc.size was 300 and is 301"},
      {"populations.exc.model=iaf_psc_alpha", "populations.exc.model was iaf_psc_exp"},
      {"projections.0.delay=3.0", "projections.0.delay was 2.0 and is 3.0"},
      {"projections.0.rule.fixed_indegree.indegree=21", "indegree was 20 and is 21"},
      {"seed=6", "seed was 5 and is 6"},
      {"simulation.resolution=0.2", "simulation.resolution was 0.1 and is 0.2"}};
  for (const auto& [change, words] : rows) {
    const auto result = trunk.branch("branch", {change});
    CAPTURE(change, result.err);
    CHECK(result.code == bad_input_file);
    CHECK(result.problems().size() == 1);
    CHECK(result.err.find("cannot be branched from") != std::string::npos);
    CHECK(result.err.find(words) != std::string::npos);
  }
  CHECK_FALSE(fs::exists(trunk.folder / "branch"));
}

TEST_CASE("the event runtime keeps the devices of a branch") {
  const Trunk trunk({"simulation.runtime=event"});
  const auto result =
      trunk.branch("branch", {"simulation.runtime=event", "devices.noise.parameters.rate=4000"});
  CHECK(result.code == bad_input_file);
  CHECK(result.err.find("devices.noise.parameters.rate was 8000") != std::string::npos);
}

TEST_CASE("a branch needs a checkpoint, and a folder of its own") {
  const Trunk trunk;
  const auto from = trunk.checkpoint().string();
  const auto over = trunk.run({"--from", from, "--out", (trunk.folder / "trunk").string()});
  CHECK(over.code == invalid_configuration);
  CHECK(over.err.find("expected another output folder") != std::string::npos);
  CHECK(trunk.run({"--from", from, "--resume"}).code == usage_error);
  CHECK(trunk.run({"--from", from + ".none", "--out", (trunk.folder / "b").string()}).code ==
        bad_input_file);
  fs::resize_file(trunk.checkpoint(), fs::file_size(trunk.checkpoint()) / 2);
  CHECK(trunk.branch("b", {}).code == bad_input_file);
}

}  // namespace
}  // namespace ranvier
