/// Plastic projections in configurations: what is read and refused, weights in the results, verify,
/// resume and branches.

#include <algorithm>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/files/hdf5.hpp"
#include "core/files/write_file.hpp"
#include "experiments/simulate/plan.hpp"
#include "tests/catch.hpp"
#include "tests/experiments/command_runner.hpp"
#include "tests/experiments/idx_files.hpp"
#include "tests/file_content.hpp"

namespace ranvier {
namespace {

using test::content_of;
using test::TemporaryFolder;
using Texts = std::vector<std::string>;

const std::string plastic_network = R"(
experiment: simulate
name: net
seed: 5
simulation: {duration: 700, resolution: 0.1}
populations:
  exc: {model: iaf_psc_exp, size: 300}
projections:
  - source: exc
    target: exc
    name: recurrent
    rule: {fixed_indegree: {indegree: 20}}
    weight: 25
    delay: 2.0
    plasticity: {stdp_pair: {A_plus: 0.5, A_minus: 0.52, w_max: 50}}
  - {source: exc, target: exc, name: static, rule: {fixed_indegree: {indegree: 5}}, weight: 10, delay: 1.0}
devices:
  noise: {model: poisson_generator, target: exc, parameters: {rate: 8000, weight: 40}}
record: {weights: all}
)";

struct PlasticRun {
  PlasticRun() { write_file(folder / "x.yaml", plastic_network); }

  test::CommandResult run(const std::string& out, const Texts& overrides,
                          const Texts& more = {}) const {
    Texts all{"run", (folder / "x.yaml").string(), "--no-report", "--out", (folder / out).string()};
    for (const auto& item : overrides) all.insert(all.end(), {"--set", item});
    all.insert(all.end(), more.begin(), more.end());
    return test::ranvier(all);
  }

  std::vector<double> weights(const std::string& out) const {
    const hdf5::InputFile file(folder / out / std::string("results.h5"));
    return file.read<double>("edges/recurrent/0/syn_weight");
  }

  TemporaryFolder folder;
};

TEST_CASE(
    "the results of a plastic run hold its final weights, and verify finds its spikes again") {
  const PlasticRun plastic;
  REQUIRE(plastic.run("out", {}).code == success);
  const auto weights = plastic.weights("out");
  REQUIRE(weights.size() == 6000);
  const auto [lowest, highest] = std::ranges::minmax(weights);
  CHECK(lowest >= 0.0);
  CHECK(highest <= 50.0);
  CHECK(lowest < 24.0);
  CHECK(highest > 26.0);
  CHECK(test::ranvier({"verify", (plastic.folder / "out").string(), "--threads", "3"}).code ==
        success);
}

TEST_CASE("a plastic run that is branched goes on with its weights, whatever the threads") {
  const PlasticRun plastic;
  REQUIRE(plastic.run("whole", {"simulation.duration=900"}).code == success);
  REQUIRE(plastic.run("trunk", {"checkpoint.keep=true"}, {"--threads", "2"}).code == success);
  const auto checkpoint = (plastic.folder / "trunk" / "checkpoint.h5").string();
  REQUIRE(plastic.run("branch", {"simulation.duration=900"}, {"--from", checkpoint}).code ==
          success);
  CHECK(plastic.weights("branch") == plastic.weights("whole"));
  // Plastic weights come from the checkpoint: another start is another run.
  CHECK(plastic.run("other", {"projections.0.weight=20"}, {"--from", checkpoint}).code != success);
  CHECK(plastic.run("static", {"projections.1.weight=20"}, {"--from", checkpoint}).code == success);
}

TEST_CASE("a plasticity rule that does not fit is refused with its place") {
  const PlasticRun plastic;
  const auto problem = [&](const std::string& from, const std::string& to) {
    auto text = plastic_network;
    text.replace(text.find(from), from.size(), to);
    write_file(plastic.folder / "x.yaml", text);
    const auto result = test::ranvier({"validate", (plastic.folder / "x.yaml").string()});
    CHECK(result.code != success);
    CHECK(result.problems().size() == 1);
    return result.err;
  };
  const auto contains = [](const std::string& text) { return Catch::Matchers::Contains(text); };
  CHECK_THAT(problem("stdp_pair", "stdp_pear"), contains("did you mean 'stdp_pair'"));
  CHECK_THAT(problem("A_plus", "A_pluss"), contains("did you mean 'A_plus'"));
  CHECK_THAT(problem("A_plus: 0.5", "tau_plus: 0"), contains("greater than 0 ms"));
  CHECK_THAT(problem("w_max: 50", "w_max: 50, delay: both"), contains("dendritic"));
  CHECK_THAT(problem("delay: 2.0", "delay: 0"), contains("at least one step"));
  CHECK_THAT(problem("duration: 700", "runtime: event, duration: 700"), contains("runtime clock"));
  CHECK_THAT(problem("plasticity:", "plasticty:"), contains("did you mean 'plasticity'"));
}

TEST_CASE("the catalogue and the schema know plasticity rules") {
  const auto list = test::ranvier({"list", "plasticity"});
  CHECK(list.code == success);
  CHECK_THAT(list.out, Catch::Matchers::Contains("stdp_pair"));
  const auto page = test::ranvier({"describe", "stdp_pair"});
  for (const auto* word : {"tau_plus", "w_max", "dendritic", "Song, Miller & Abbott 2000"}) {
    CHECK_THAT(page.out, Catch::Matchers::Contains(word));
  }
  CHECK_THAT(test::ranvier({"schema"}).out, Catch::Matchers::Contains("\"stdp_pair\""));
}

TEST_CASE("Brunel's plastic network is read, and forecast with a double for each plastic weight") {
  const auto plan = test::ranvier({"plan", RANVIER_SOURCE_DIR "/configs/brunel_stdp.yaml"});
  CHECK(plan.code == success);
  CHECK_THAT(plan.out, Catch::Matchers::Contains("15625000"));
}

}  // namespace
}  // namespace ranvier
