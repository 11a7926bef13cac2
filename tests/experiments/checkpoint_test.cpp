/// Interrupted runs, their checkpoints and their continuation.

#include <filesystem>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/files/checkpoint.hpp"
#include "core/files/hdf5.hpp"
#include "core/files/write_file.hpp"
#include "experiments/checkpoint_match.hpp"
#include "experiments/runner.hpp"
#include "tests/catch.hpp"
#include "tests/experiments/idx_files.hpp"

namespace ranvier {
namespace {

using test::TemporaryFolder;
using Texts = std::vector<std::string>;
namespace fs = std::filesystem;

const std::string network = R"(
experiment: simulate
seed: 5
simulation: {duration: 400, resolution: 0.1}
populations:
  exc: {model: iaf_psc_exp, size: 300}
projections:
  - {source: exc, target: exc, rule: {fixed_indegree: {indegree: 20}}, weight: 25, delay: 2.0}
devices:
  noise: {model: poisson_generator, target: exc, parameters: {rate: 8000, weight: 40}}
record: {states: [{population: exc, variables: [V_m], neurons: [0, 1], interval: 0.5}]}
)";

RunOutcome run_text(const fs::path& out, const Texts& overrides, RunOptions options = {}) {
  auto document = ConfigDocument::from_text(network, "x.yaml", overrides);
  options.out = out;
  options.report = false;
  return run(prepare(document), options);
}

std::string digest_of(const RunOutcome& outcome) {
  return std::get<std::string>(*outcome.metrics.at("digest"));
}

/// Stops a run at its n-th question.
RunOptions stopped_at(int question, unsigned threads) {
  auto asked = std::make_shared<int>(0);
  return {.threads = threads, .interrupted = [=] { return ++*asked >= question; }};
}

TEST_CASE("an interrupted run goes on to the same spikes and samples, on any threads") {
  const TemporaryFolder folder;
  const auto runtime = GENERATE(as<std::string>{}, "clock", "event");
  const std::string duration = runtime == "clock" ? "20000" : "600";
  const Texts overrides{"simulation.runtime=" + runtime, "simulation.duration=" + duration};
  const auto whole = run_text(folder / "whole", overrides);

  const auto out = folder / "parts";
  CHECK_THROWS_AS(run_text(out, overrides, stopped_at(1, 1)), Interrupted);
  REQUIRE(fs::exists(out / "checkpoint.h5"));
  CHECK_FALSE(fs::exists(out / "results.h5"));
  CHECK_THROWS_AS(
      [&] {
        auto options = stopped_at(2, 2);
        options.resume = true;
        run_text(out, overrides, options);
      }(),
      Interrupted);
  const auto parts = run_text(out, overrides, {.threads = 2, .resume = true});

  CHECK(digest_of(parts) == digest_of(whole));
  const hdf5::InputFile a(folder / "whole" / std::string("results.h5"));
  const hdf5::InputFile b(out / "results.h5");
  CHECK(a.read<double>("spikes/exc/timestamps") == b.read<double>("spikes/exc/timestamps"));
  CHECK(a.read<double>("recordings/exc/V_m/data") == b.read<double>("recordings/exc/V_m/data"));
  CHECK_FALSE(fs::exists(out / "checkpoint.h5"));
}

TEST_CASE("a checkpoint every so often changes nothing") {
  const TemporaryFolder folder;
  const auto plain = run_text(folder / "plain", {});
  CHECK(digest_of(run_text(folder / "often", {"checkpoint.every=70"})) == digest_of(plain));
}

TEST_CASE("the message of an interrupted run says how to go on") {
  const TemporaryFolder folder;
  try {
    run_text(folder / "out", {"simulation.duration=20000"}, stopped_at(1, 1));
    FAIL("the run was not interrupted");
  } catch (const Interrupted& stop) {
    const std::string message = stop.what();
    CHECK(message.find("checkpoint.h5") != std::string::npos);
    CHECK(message.find("--resume") != std::string::npos);
  }
}

TEST_CASE("a checkpoint that does not fit is refused and earlier results stay") {
  const TemporaryFolder folder;
  const auto out = folder / "out";
  const auto earlier = digest_of(run_text(out, {}));
  CHECK_THROWS_AS(run_text(out, {"simulation.duration=20000"}, stopped_at(1, 1)), Interrupted);
  const auto checkpoint = out / "checkpoint.h5";
  REQUIRE(fs::exists(checkpoint));

  SECTION("of another network") {
    try {
      run_text(out, {"populations.exc.size=301"}, {.resume = true});
      FAIL("the checkpoint was taken");
    } catch (const CorruptFile& error) {
      CHECK(std::string(error.what()).find("populations.exc.size was 300 and is 301") !=
            std::string::npos);
    }
  }
  SECTION("of another seed") {
    CHECK_THROWS_AS(run_text(out, {"seed=6"}, {.resume = true}), CorruptFile);
  }
  SECTION("truncated") {
    fs::resize_file(checkpoint, fs::file_size(checkpoint) / 2);
    CHECK_THROWS_AS(run_text(out, {"simulation.duration=20000"}, {.resume = true}), CorruptFile);
  }
  SECTION("not a checkpoint") {
    write_file(checkpoint, "no HDF5 at all");
    CHECK_THROWS_AS(run_text(out, {"simulation.duration=20000"}, {.resume = true}), CorruptFile);
  }
  SECTION("of another version") {
    hdf5::OutputFile later(checkpoint);
    later.set_attribute("format", "ranvier checkpoint 999");
    later.commit();
    try {
      run_text(out, {"simulation.duration=3000"}, {.resume = true});
      FAIL("the checkpoint was taken");
    } catch (const CorruptFile& error) {
      CHECK(std::string(error.what()).find("of another version, 'ranvier checkpoint 999'") !=
            std::string::npos);
    }
  }
  SECTION("beyond the end of the run") {
    CHECK_THROWS_AS(run_text(out, {"simulation.duration=0"}, {.resume = true}), InvalidValue);
  }
  CHECK(hdf5::InputFile(out / "results.h5").text_attribute("digest", "metrics") == earlier);
}

TEST_CASE("there is nothing to resume where no run was interrupted") {
  const TemporaryFolder folder;
  CHECK_THROWS_AS(run_text(folder / "out", {}, {.resume = true}), FileNotFound);
}

TEST_CASE("the first difference between two configurations is told by its path") {
  const std::string saved = "a: 1\nb: {c: 2, d: 3}\n";
  CHECK_FALSE(difference(saved, saved, {}));
  CHECK(*difference(saved, "a: 1\nb: {c: 5, d: 3}\n", {}) == "b.c was 2 and is 5");
  CHECK(*difference(saved, "a: 1\nb: {c: 2}\n", {}) == "b.d was 3 and is not given");
  CHECK(*difference(saved, "a: 1\nb: {c: 2, d: 3}\ne: 4\n", {}) == "e was not given and is 4");
  CHECK_FALSE(difference(saved, "a: 1\nb: {c: 5}\n", {"b"}));
  CHECK_FALSE(difference("p: {x: {w: 1}}", "p: {x: {w: 2}}", {"p.*.w"}));
  CHECK(difference("p: {x: {v: 1}}", "p: {x: {v: 2}}", {"p.*.w"}));
}

}  // namespace
}  // namespace ranvier
