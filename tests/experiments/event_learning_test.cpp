/// The Yin-Yang data set, and event learning from a configuration to its results.

#include <cmath>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "experiments/command_line/exit_code.hpp"
#include "experiments/datasets/dataset.hpp"
#include "experiments/datasets/split.hpp"
#include "tests/catch.hpp"
#include "tests/experiments/command_runner.hpp"
#include "tests/temporary_folder.hpp"

namespace ranvier {
namespace {

namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using test::TemporaryFolder;

const std::string yin_yang = RANVIER_SOURCE_DIR "/configs/yin_yang.yaml";

test::CommandResult run_config(const fs::path& out, std::vector<std::string> more) {
  std::vector<std::string> arguments{"run",        yin_yang,      "--out",
                                     out.string(), "--no-report", "--quiet"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return test::ranvier(arguments);
}

nlohmann::json metrics_of(const fs::path& folder) {
  std::ifstream file(folder / "metrics.json");
  return nlohmann::json::parse(file);
}

nlohmann::json run_yin_yang(const fs::path& out, const std::vector<std::string>& more) {
  const auto result = run_config(out, more);
  INFO(result.err);
  REQUIRE(result.code == success);
  return metrics_of(out);
}

std::vector<std::string> small(std::vector<std::string> more) {
  for (const std::string setting : {"training.epochs=2", "data.train_samples=300",
                                    "data.test_samples=100", "network.layers.0.size=30"}) {
    more.insert(more.end(), {"--set", setting});
  }
  return more;
}

}  // namespace

TEST_CASE("yin-yang points lie in the class that the geometry says") {
  const auto data = load_data("yin_yang");
  CHECK(data.train.size() == 6000);
  CHECK(data.test.size() == 1000);
  for (std::size_t i = 0; i < data.train.size(); ++i) {
    const auto v = values_of(data.train, i);
    CHECK(v[2] == Approx(1.0F - v[0]).margin(1e-6));
    CHECK(v[3] == Approx(1.0F - v[1]).margin(1e-6));
    const double x = v[0] - 0.5, y = v[1] - 0.5;
    const auto label = data.train.label(i);
    constexpr double rounding = 1e-6;
    REQUIRE(std::hypot(x, y) <= 0.5 + rounding);
    // A half turn about the centre exchanges yin and yang, and the dots with each other.
    const double to_dot = std::min(std::hypot(x - 0.25, y), std::hypot(x + 0.25, y));
    if (label == 2) {
      REQUIRE(to_dot <= 0.1 + rounding);
    } else {
      REQUIRE(to_dot >= 0.1 - rounding);
      const double sign = label == 1 ? 1.0 : -1.0;
      const bool own_lobe = std::hypot(sign * x + 0.25, y) <= 0.25 + rounding;
      const bool other_lobe = std::hypot(sign * x - 0.25, y) < 0.25 - rounding;
      REQUIRE((own_lobe || (sign * y >= -rounding && !other_lobe)));
    }
  }
}

TEST_CASE("yin-yang classes are equally likely and samples follow from the seed") {
  // Of 6000 draws of three equal classes each has 2000 with a standard deviation of 37.
  for (const auto count : class_counts(load_data("yin_yang").train)) {
    CHECK(std::abs(static_cast<double>(count) - 2000.0) < 4.0 * 37.0);
  }
  DataOptions options;
  options.seed = 2;
  const auto values = [](const LabelledData& data) { return values_of(data, 7); };
  CHECK(values(load_data("yin_yang", options).train) ==
        values(load_data("yin_yang", options).train));
  CHECK(values(load_data("yin_yang", options).train) != values(load_data("yin_yang").train));
  CHECK(values(load_data("yin_yang").test) != values(load_data("yin_yang").train));
}

TEST_CASE("event learning reaches 0.9 on yin-yang in a few epochs") {
  const TemporaryFolder folder;
  const auto metrics =
      run_yin_yang(folder / "run", {"--threads", "2", "--set", "training.epochs=8"});
  CHECK(metrics["accuracy"] > 0.9);
  CHECK(metrics["silent_share"] == 0.0);
  CHECK(metrics["spikes_per_sample"] > 0.0);
  CHECK(metrics["seconds_per_epoch"] > 0.0);
  CHECK(metrics["synaptic_events_per_inference"] < metrics["synaptic_events_per_inference_full"]);
}

TEST_CASE(
    "event learning has the same digest on one and two threads, and after reading its weights") {
  const TemporaryFolder folder;
  const auto one = run_yin_yang(folder / "one", small({"--threads", "1"}));
  const auto two = run_yin_yang(folder / "two", small({"--threads", "2"}));
  CHECK(one["digest"] == two["digest"]);
  CHECK(one["accuracy"] == two["accuracy"]);
  const auto file = (folder / "one" / "results.h5").string();
  auto again = small({"--set", "network.weights=" + file});
  again.insert(again.end(), {"--set", "training.epochs=0"});
  const auto read = run_yin_yang(folder / "again", again);
  CHECK(read["digest"] == one["digest"]);
  CHECK(read["accuracy"] == one["accuracy"]);
  CHECK(read["latency_ms"] == one["latency_ms"]);

  auto other = small({"--set", "network.weights=" + file});
  other.insert(other.end(), {"--set", "network.layers.0.size=31"});
  const auto refused = run_config(folder / "other", other);
  CHECK(refused.code != success);
  CHECK_THAT(refused.err, Contains("input->hidden") && Contains("expected 31 targets of 5"));
}

TEST_CASE("wrong event learning configurations are refused with the place and what to write") {
  struct Wrong {
    std::string setting;
    std::vector<std::string> words;
  };
  const std::vector<Wrong> cases{
      {"network.window=0", {"network.window is 0", "greater than 0 ms"}},
      {"network.encoding.bias=[-1]", {"network.encoding.bias", "-1", "greater than 0 ms"}},
      {"network.loss.tao=1", {"network.loss.tao is not a known key", "did you mean 'tau'?"}},
      {"network.layers.0.parameters.V_reset=-50", {"V_reset", "less than V_th"}},
      {"network.layers.0.name=output", {"is called 'output'", "expected every name once"}},
      {"network.layers.0.recurrent.delay=0", {"recurrent.delay is 0", "greater than 0 ms"}},
      {"training.silent.bump=-1", {"training.silent.bump is -1", "at least 0 pA"}},
      {"network.layers.1.size=4", {"the last layer has 4 neurons", "3 classes"}},
  };
  const TemporaryFolder folder;
  for (const auto& wrong : cases) {
    const auto result = run_config(folder / "wrong", {"--set", wrong.setting});
    INFO(wrong.setting << ": " << result.err);
    CHECK(result.code != success);
    for (const auto& word : wrong.words) CHECK_THAT(result.err, Contains(word));
  }
}

}  // namespace ranvier
