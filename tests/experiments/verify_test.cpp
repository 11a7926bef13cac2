/// `ranvier verify`: a run repeated on other threads.

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/files/hdf5.hpp"
#include "core/files/write_file.hpp"
#include "experiments/runner.hpp"
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

TEST_CASE("verify finds the spikes of a run again and leaves its results alone") {
  const TemporaryFolder folder;
  const auto runtime = GENERATE(as<std::string>{}, "clock", "event");
  const auto file = (folder / "x.yaml").string();
  const auto out = (folder / "out").string();
  write_file(file, noisy_network);
  REQUIRE(test::ranvier(
              {"run", file, "--out", out, "--no-report", "--set", "simulation.runtime=" + runtime})
              .code == success);
  const auto arrays = content_of(folder / "out" / "results.h5");
  const auto digest = nlohmann::json::parse(content_of(folder / "out" / "metrics.json"))["digest"];
  const auto result = test::ranvier({"verify", out, "--threads", "3"});
  CHECK(result.code == success);
  CHECK(result.out.find("all spikes identical, digest " + digest.get<std::string>()) !=
        std::string::npos);
  const std::string used = runtime == "clock" ? "and 3 threads" : "and 1 threads";
  CHECK(result.out.find(used) != std::string::npos);
  CHECK(content_of(folder / "out" / "results.h5") == arrays);
}

TEST_CASE("verify tells of results that the configuration in them does not give") {
  const TemporaryFolder folder;
  auto document = ConfigDocument::from_text(noisy_network, "x.yaml");
  run(prepare(document), {.out = folder / "out", .report = false});
  auto other = ConfigDocument::from_text(noisy_network, "x.yaml", Texts{"seed=6"});
  const auto wrong = prepare(other).configuration;
  const auto digest = hdf5::InputFile(folder / "out" / std::string("results.h5"))
                          .text_attribute("digest", "metrics");
  fs::create_directory(folder / "forged");
  hdf5::OutputFile forged(folder / "forged" / "results.h5");
  forged.set_attribute("configuration", wrong);
  auto metrics = forged.create_group("metrics");
  metrics.set_attribute("digest", digest);
  metrics.set_attribute("threads", std::int64_t{1});
  forged.commit();

  const auto result = test::ranvier({"verify", (folder / "forged").string()});
  CHECK(result.code == not_reproduced);
  CHECK(result.out.empty());
  REQUIRE(result.problems().size() == 1);
  CHECK(result.err.find("was " + digest + " on 1 threads") != std::string::npos);
}

TEST_CASE("verify refuses what is no simulation's results") {
  const TemporaryFolder folder;
  CHECK(test::ranvier({"verify"}).code == usage_error);
  CHECK(test::ranvier({"verify", folder.path().string()}).code == bad_input_file);
  write_file(folder / "results.h5", "no HDF5 at all");
  CHECK(test::ranvier({"verify", folder.path().string()}).code == bad_input_file);
}

}  // namespace
}  // namespace ranvier
