/// Folders of results: replaced whole or not at all.

#include <filesystem>
#include <string>

#include <unistd.h>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/files/hdf5.hpp"
#include "core/files/write_file.hpp"
#include "core/version.hpp"
#include "experiments/results/metrics.hpp"
#include "experiments/results/output_folder.hpp"
#include "experiments/runner.hpp"
#include "tests/catch.hpp"
#include "tests/experiments/idx_files.hpp"
#include "tests/file_content.hpp"

namespace ranvier {
namespace {

using test::content_of;
using test::TemporaryFolder;
namespace fs = std::filesystem;

std::size_t entries_in(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST_CASE("figures are written as one flat JSON object, undefined ones as null") {
  Metrics metrics;
  metrics.set("name", std::string("brunel"));
  metrics.set("spikes", std::int64_t{3});
  metrics.set("rate_hz", 0.5);
  metrics.set("cv_isi", std::nullopt);
  metrics.set("factor", 1.0 / 0.0);
  metrics.set("spikes", std::int64_t{4});
  const auto json = nlohmann::ordered_json::parse(metrics.to_json());
  CHECK(json["name"] == "brunel");
  CHECK(json["spikes"] == 4);
  CHECK(json["rate_hz"] == 0.5);
  CHECK(json["cv_isi"].is_null());
  CHECK(json["factor"].is_null());
  CHECK_THROWS_AS(metrics.at("rate"), UnknownName);
}

TEST_CASE("a draft takes the place of earlier results when it is whole, and not before") {
  const TemporaryFolder folder;
  const auto target = folder / "out";
  fs::create_directory(target);
  write_file(target / "metrics.json", "earlier");
  write_file(target / "checkpoint.h5", "of a run that is done");
  write_file(target / "notes.txt", "mine");
  {
    OutputFolder output(target);
    write_file(output.draft() / "metrics.json", "later");
    CHECK(content_of(target / "metrics.json") == "earlier");
    output.publish();
  }
  CHECK(content_of(target / "metrics.json") == "later");
  CHECK(content_of(target / "notes.txt") == "mine");
  CHECK_FALSE(fs::exists(target / "checkpoint.h5"));
  CHECK(entries_in(folder.path()) == 1);
}

TEST_CASE("a draft that is not published leaves nothing") {
  const TemporaryFolder folder;
  {
    OutputFolder output(folder / "out");
    write_file(output.draft() / "metrics.json", "half");
  }
  CHECK(entries_in(folder.path()) == 0);
}

TEST_CASE("somebody's own folder is not taken for results") {
  const TemporaryFolder folder;
  fs::create_directory(folder / "thesis");
  write_file(folder / "thesis" / "chapter_1.tex", "In the beginning");
  CHECK_THROWS_AS(OutputFolder(folder / "thesis"), OutputError);
  CHECK(content_of(folder / "thesis" / "chapter_1.tex") == "In the beginning");
}

TEST_CASE("a link to a folder elsewhere is followed") {
  const TemporaryFolder folder;
  fs::create_directory(folder / "scratch");
  fs::create_directory_symlink(folder / "scratch", folder / "out");
  OutputFolder output(folder / "out");
  write_file(output.draft() / "metrics.json", "here");
  output.publish();
  CHECK(fs::is_symlink(folder / "out"));
  CHECK(content_of(folder / "scratch" / "metrics.json") == "here");
}

TEST_CASE("a run leaves figures, arrays and a log that say what it was") {
  const TemporaryFolder folder;
  auto document = ConfigDocument::from_file(RANVIER_SOURCE_DIR "/configs/two_neurons.yaml");
  run(prepare(document), {.out = folder / "out", .report = false});
  const auto out = folder / "out";
  const auto json = nlohmann::json::parse(content_of(out / "metrics.json"));
  for (const auto* key :
       {"name", "version", "seed", "threads", "ranks", "wall_seconds", "digest",
        "biological_seconds", "real_time_factor", "build_seconds", "neurons", "synapses",
        "bytes_per_synapse", "spikes", "synaptic_events", "rate_hz_driver", "rate_hz_follower"}) {
    CAPTURE(key);
    CHECK(json.contains(key));
  }
  CHECK(json["name"] == "two_neurons");
  CHECK(json["version"] == version);
  CHECK(json["wall_seconds"] > 0.0);
  const hdf5::InputFile file(out / "results.h5");
  CHECK(file.text_attribute("ranvier_version") == version);
  CHECK(file.text_attribute("digest", "metrics") == json["digest"]);
  CHECK(file.has_attribute("machine"));
  CHECK(file.text_attribute("configuration").find("tau_syn_in: 2.0") != std::string::npos);
  CHECK(content_of(out / "log.txt").find("2 neurons, 1 synapses built") != std::string::npos);
}

}  // namespace
}  // namespace ranvier
