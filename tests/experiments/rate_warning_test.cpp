/// Networks that are silent or run away: told, and no reason to fail.

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/files/write_file.hpp"
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

const std::string driven = R"(
experiment: simulate
simulation: {duration: 50, resolution: 0.1}
populations:
  quiet: {model: iaf_psc_exp, size: 3}
  wild: {model: parrot, size: 4}
devices:
  drive: {model: poisson_generator, target: wild, parameters: {rate: 5000, weight: 1}}
)";

test::CommandResult run_text(const TemporaryFolder& folder, const Texts& overrides) {
  const auto file = (folder / "x.yaml").string();
  write_file(file, driven);
  Texts arguments{"run", file, "--out", (folder / "out").string(), "--no-report"};
  for (const auto& item : overrides) arguments.insert(arguments.end(), {"--set", item});
  return test::ranvier(arguments);
}

TEST_CASE("a network without spikes is told, and its undefined figures are null") {
  const TemporaryFolder folder;
  const auto result = run_text(folder, {"devices.drive.parameters.rate=0"});
  CHECK(result.code == success);
  CHECK(result.err == "ranvier: warning: no neuron fired in 50 ms\n");
  const auto text = content_of(folder / "out" / "metrics.json");
  const auto figures = nlohmann::json::parse(text);
  CHECK(figures["spikes"] == 0);
  CHECK(figures["rate_hz_quiet"] == 0.0);
  CHECK(figures["cv_isi_quiet"].is_null());
  CHECK(figures["bytes_per_synapse"].is_null());
  CHECK(text.find("nan") == std::string::npos);
  CHECK(content_of(folder / "out" / "log.txt").find("no neuron fired") != std::string::npos);
}

TEST_CASE("a population beyond 1 kHz is warned of by name") {
  const TemporaryFolder folder;
  const auto result = run_text(folder, {});
  CHECK(result.code == success);
  REQUIRE(result.problems().size() == 1);
  CHECK(result.err.find("warning: population 'wild' fires at ") != std::string::npos);
  CHECK(run_text(folder, {"devices.drive.parameters.rate=500"}).err.empty());
}

}  // namespace
}  // namespace ranvier
