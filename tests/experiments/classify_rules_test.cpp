/// The exit rule of a classify experiment is one key, and others are compared with it.

#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/files/hdf5.hpp"
#include "experiments/command_line/exit_code.hpp"
#include "networks/agent/exit_rule.hpp"
#include "tests/catch.hpp"
#include "tests/experiments/command_runner.hpp"
#include "tests/temporary_folder.hpp"

namespace ranvier {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;

test::CommandResult run_quickstart(const fs::path& out, const std::vector<std::string>& settings,
                                   const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments{"run",        RANVIER_SOURCE_DIR "/configs/quickstart.yaml",
                                     "--out",      out.string(),
                                     "--set",      "training.epochs=3",
                                     "--no-report"};
  for (const auto& setting : settings) arguments.insert(arguments.end(), {"--set", setting});
  arguments.insert(arguments.end(), more.begin(), more.end());
  return test::ranvier(arguments);
}

nlohmann::json metrics_of(const fs::path& folder) {
  std::ifstream file(folder / "metrics.json");
  return nlohmann::json::parse(file);
}

}  // namespace

TEST_CASE("every exit rule takes the place of the agent by its name alone") {
  const TemporaryFolder folder;
  for (const auto& name : agent::exit_rules().names()) {
    INFO(name);
    const auto setting = name == "point_classifier"
                             ? "inference.agent={point_classifier: {target_accuracy: 0.5}}"
                             : "inference.agent=" + name;
    const auto result = run_quickstart(folder / name, {setting});
    INFO(result.err);
    REQUIRE(result.code == success);
    const auto metrics = metrics_of(folder / name);
    CHECK(metrics["latency_agent"] <= 8.0);
    CHECK(metrics["latency_agent"] >= 1.0);
    CHECK(metrics["accuracy_agent"] <= metrics["accuracy_oracle"]);
    const hdf5::InputFile file(folder / name / "results.h5");
    CHECK(file.group("inference/rule").text_attribute("rule") == name);
  }
}

TEST_CASE("rules to compare with are judged on the same record, the agent's own first") {
  const TemporaryFolder folder;
  const auto result =
      run_quickstart(folder / "out", {"inference.compare=[patience, {margin: {selection: paired, "
                                      "allowed_accuracy_loss: 0.01}}, {fixed_time: {time: 3}}, "
                                      "top_k_gap, {top_k_gap: {epsilon: 0.2}}]"});
  INFO(result.err);
  REQUIRE(result.code == success);
  const hdf5::InputFile file(folder / "out" / "results.h5");
  const auto table = file.group("inference/compare");
  const std::vector<std::string> names{
      "dynamic_confidence", "patience",  "margin",
      "fixed_time",         "top_k_gap", "top_k_gap (epsilon: 0.2)"};
  CHECK(table.read_texts("rule") == names);
  const auto latency = table.read<double>("latency"), accuracy = table.read<double>("accuracy");
  const auto metrics = metrics_of(folder / "out");
  CHECK(latency[0] == Approx(metrics["latency_agent"].get<double>()));
  CHECK(accuracy[0] == Approx(metrics["accuracy_agent"].get<double>()));
  CHECK(latency[3] == 3.0);
  CHECK(table.read<double>("saving")[3] == Approx(1.0 - 3.0 / 8.0));
  CHECK(table.read<double>("matched_gain")[3] == Approx(0.0).margin(1e-12));
  CHECK(table.has("curve/2/latency"));
  CHECK_FALSE(table.has("curve/4"));  // a threshold for every step has no single curve
  for (std::size_t k = 1; k < names.size(); ++k) {
    INFO(names[k]);
    CHECK(result.out.find(names[k]) != std::string::npos);
  }
}

TEST_CASE("a condition on the agent that cannot be met costs no training") {
  const TemporaryFolder folder;
  const auto out = folder / "out";
  const auto refused =
      run_quickstart(out, {"inference.agent={margin: {selection: latency, max_latency: 0.5}}"});
  CHECK(refused.code != success);
  CHECK(refused.err.find("the smallest possible is 1") != std::string::npos);
  REQUIRE(fs::exists(out / "checkpoint.h5"));
  const auto resumed = run_quickstart(
      out, {"inference.agent={margin: {selection: latency, max_latency: 2}}"}, {"--resume"});
  INFO(resumed.err);
  REQUIRE(resumed.code == success);
  const auto whole = run_quickstart(folder / "whole", {});
  CHECK(metrics_of(out)["digest"] == metrics_of(folder / "whole")["digest"]);
  CHECK(metrics_of(out)["calibration_latency_agent"] <= 2.0);
}

}  // namespace ranvier
