/// Wrong command lines, missing and unwritable files, full disks: the exit code, one clear message, and
/// earlier results untouched.

#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/files/write_file.hpp"
#include "tests/catch.hpp"
#include "tests/experiments/command_runner.hpp"
#include "tests/experiments/damaged_configuration.hpp"
#include "tests/experiments/idx_files.hpp"
#include "tests/file_content.hpp"

namespace ranvier {
namespace {

namespace fs = std::filesystem;
using test::content_of;
using test::TemporaryFolder;
using test::text_with;
using test::Texts;

/// A command line over a right configuration, `{file}` and `{out}` filled in.
struct BadCommand {
  Texts arguments;
  int code;
  Texts words;
};

TEST_CASE("a wrong command line is refused with the nearest right one") {
  const std::vector<BadCommand> rows{
      {{}, usage_error, {"no command given", "--help"}},
      {{"rum"}, usage_error, {"unknown command 'rum'", "did you mean 'run'?"}},
      {{"run"}, usage_error, {"no configuration given", "ranvier run CONFIG"}},
      {{"run", "{file}", "--thread", "2"}, usage_error, {"--thread", "did you mean '--threads'?"}},
      {{"run", "{file}", "--threads", "0"}, usage_error, {"--threads is '0'", "whole number"}},
      {{"run", "{file}", "--threads", "many"}, usage_error, {"--threads is 'many'"}},
      {{"run", "{file}", "--threads", "-1"}, usage_error, {"--threads is '-1'"}},
      {{"validate", "{file}", "--set"}, usage_error, {"--set", "missing"}},
      {{"run", "{file}", "{file}"}, usage_error, {"too many words"}},
      {{"run", "{file}", "--out", ""}, usage_error, {"--out"}},
      {{"run", "{file}", "--set", "seed"}, invalid_configuration, {"--set seed", "key.path=value"}},
      {{"run", "{file}", "--set", "seed=-1"},
       invalid_configuration,
       {"--set seed=-1: seed is -1", "at least 0"}},
      {{"run", "{file}", "--set", "populations.exc.sise=3"},
       invalid_configuration,
       {"--set populations.exc.sise=3: populations.exc.sise is not a known key",
        "did you mean 'size'?"}},
      {{"run", "{file}", "--set", "projections.7.weight=3"},
       invalid_configuration,
       {"projections is a list of 1", "'7'"}},
      {{"run", "{file}", "--set", "seed.x=3"}, invalid_configuration, {"seed is 1", "a map"}},
      {{"run", "{file}", "--set", "seed=[1"}, invalid_configuration, {"--set seed=[1", "not YAML"}},
      {{"run", "{file}", "--set", "plugins=[libnone.so]"},
       bad_input_file,
       {"plugins.0", "libnone.so", "does not exist"}},
      {{"run", "{file}", "--set", "plugins=[{file}]"}, bad_input_file, {"plugins.0", "x.yaml"}},
      {{"run", "{file}", "--resume"}, bad_input_file, {"checkpoint.h5 does not exist"}},
      {{"run", "{out}/none.yaml"}, bad_input_file, {"none.yaml cannot be opened"}},
      {{"run", "{folder}"}, bad_input_file, {"cannot be opened"}},
      {{"run", "{file}", "--out", "{file}"}, output_failed, {"x.yaml", "it is a file"}},
      {{"run", "{file}", "--out", "{file}/deeper"}, output_failed, {"deeper cannot be written"}},
      {{"run", "{file}", "--out", "/proc/none"}, output_failed, {"/proc/none cannot be written"}},
      {{"run", "{file}", "--out", "{folder}"}, output_failed, {"x.yaml", "no results"}},
      {{"run", "{file}", "--set", "populations.exc.size=4294967295"},
       out_of_memory,
       {"not enough memory", "GiB"}},
      {{"validate"}, usage_error, {"no configuration given"}},
      {{"validate", "{out}/none.yaml"}, bad_input_file, {"none.yaml cannot be opened"}},
      {{"list", "model"}, usage_error, {"unknown kind 'model'", "did you mean 'models'?"}},
      {{"describe"}, usage_error, {"no name given"}},
      {{"describe", "iaf_psc_exq"}, usage_error, {"'iaf_psc_exq'", "did you mean 'iaf_psc_exp'?"}},
      {{"data"}, usage_error, {"nothing to do"}},
      {{"data", "lsit"}, usage_error, {"unknown action 'lsit'", "did you mean 'list'?"}},
      {{"data", "fetch"}, usage_error, {"no data set given", "mnist"}},
      {{"data", "verify", "minst"}, usage_error, {"unknown data set 'minst'", "'mnist'"}},
      {{"schema", "simulat"}, usage_error, {"unknown experiment 'simulat'", "'simulate'"}},
      {{"report"}, usage_error, {"no folder given"}},
      {{"report", "{out}"}, bad_input_file, {"results.h5 does not exist"}},
  };
  const TemporaryFolder folder;
  const auto file = (folder / "x.yaml").string();
  write_file(file, text_with(0, ""));
  for (const auto& row : rows) {
    Texts arguments;
    for (auto argument : row.arguments) {
      for (const auto& [mark, path] :
           {std::pair{"{file}", file}, std::pair{"{out}", (folder / "out").string()},
            std::pair{"{folder}", folder.path().string()}}) {
        const auto at = argument.find(mark);
        if (at != std::string::npos) argument.replace(at, std::string(mark).size(), path);
      }
      arguments.push_back(argument);
    }
    const bool names_output = std::ranges::find(arguments, "--out") != arguments.end();
    if (arguments.size() > 1 && arguments[0] == "run" && !names_output) {
      arguments.insert(arguments.end(), {"--out", (folder / "out").string()});
    }
    const auto result = test::ranvier(arguments);
    CAPTURE(row.arguments, result.err);
    CHECK(result.code == row.code);
    CHECK(result.problems().size() == 1);
    for (const auto& word : row.words) {
      CAPTURE(word);
      CHECK(result.err.find(word) != std::string::npos);
    }
  }
  CHECK_FALSE(fs::exists(folder / "out"));
}

TEST_CASE("earlier results stay untouched by whatever fails after them") {
  const TemporaryFolder folder;
  const auto file = (folder / "x.yaml").string();
  const auto out = (folder / "out").string();
  write_file(file, text_with(0, ""));
  REQUIRE(test::ranvier({"run", file, "--out", out, "--no-report"}).code == success);
  const auto figures = content_of(folder / "out" / "metrics.json");
  const auto arrays = content_of(folder / "out" / "results.h5");
  for (const std::string assignment :
       {"seed=x", "populations.exc.parameters.tau_m=-1", "populations.exc.size=4294967295",
        // Found only when the synapses are drawn.
        "projections.0.delay={normal: {mean: 0.0, std: 0.001}}"}) {
    CAPTURE(assignment);
    CHECK(test::ranvier({"run", file, "--out", out, "--set", assignment}).code != success);
    CHECK(content_of(folder / "out" / "metrics.json") == figures);
    CHECK(content_of(folder / "out" / "results.h5") == arrays);
  }
}

TEST_CASE("an output folder without permission is refused before the work") {
  if (geteuid() == 0) return;  // root may write everywhere
  const TemporaryFolder folder;
  write_file(folder / "x.yaml", text_with(0, ""));
  fs::create_directory(folder / "closed");
  fs::permissions(folder / "closed", fs::perms::owner_read | fs::perms::owner_exec);
  const auto result = test::ranvier(
      {"run", (folder / "x.yaml").string(), "--out", (folder / "closed" / "out").string()});
  fs::permissions(folder / "closed", fs::perms::owner_all);
  CHECK(result.code == output_failed);
  CHECK(result.err.find("Permission denied") != std::string::npos);
}

TEST_CASE("a full disk is told, and the earlier results on it stay") {
  const TemporaryFolder folder;
  const auto disk = folder / "disk";
  fs::create_directory(disk);
  if (mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=256k") != 0) return;  // only root can
  const auto file = (folder / "x.yaml").string();
  const auto out = (disk / "out").string();
  write_file(file, text_with(0, ""));
  const auto first = test::ranvier({"run", file, "--out", out, "--no-report"});
  const auto figures = content_of(disk / "out" / "metrics.json");
  // 30000 samples of 4 random traces: nearly a megabyte that hardly compresses.
  const auto second =
      test::ranvier({"run", file, "--out", out, "--no-report", "--set", "simulation.duration=3000",
                     "--set", "record.states.0.interval=0.1"});
  const auto left = content_of(disk / "out" / "metrics.json");
  umount(disk.c_str());
  CHECK(first.code == success);
  CAPTURE(second.err);
  CHECK(second.code == output_failed);
  CHECK(second.err.find("No space left on device") != std::string::npos);
  CHECK(second.problems().size() == 1);
  CHECK_FALSE(figures.empty());
  CHECK(left == figures);
}

}  // namespace
}  // namespace ranvier
