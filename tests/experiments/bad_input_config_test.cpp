/// Every wrong configuration we know of: the exit code, and one clear message for each problem.

#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/files/write_file.hpp"
#include "tests/catch.hpp"
#include "tests/experiments/command_runner.hpp"
#include "tests/experiments/damaged_configuration.hpp"
#include "tests/experiments/idx_files.hpp"

namespace ranvier {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;
using test::text_with;
using test::Texts;

/// One line of the configuration replaced, and the words the message must hold. The place is always
/// asked for: the file, the line, and the path of the key.
struct BadLine {
  std::size_t line;
  std::string replacement;
  Texts words;
  std::size_t told_at = 0;  ///< line the message names; 0: the replaced one
};

const std::vector<BadLine> bad_lines{
    {1, "experiment: simulat", {"experiment is 'simulat'", "did you mean 'simulate'?"}},
    {1, "experimnt: simulate", {"experimnt is not a known key", "did you mean 'experiment'?"}},
    {1, "experiment: 3", {"experiment is 3", "name of a experiment"}},
    {1, "#", {"experiment is missing", "simulate"}, 2},
    {2, "seed: -1", {"seed is -1", "whole number at least 0"}},
    {2, "seed: 1.5", {"seed is 1.5", "whole number"}},
    {2, "seed: one", {"seed is 'one'", "whole number"}},
    {2, "sead: 1", {"sead is not a known key", "did you mean 'seed'?"}},
    {2, "name: a/b", {"name is 'a/b'", "without '/'"}},
    {2, "name: [a]", {"name is a list of 1", "text"}},
    {2, "plugins: 3", {"plugins is 3", "a list of shared libraries"}},
    {2, "plugins: [3]", {"plugins.0 is 3", "path of a shared library"}},
    {2, "experiment: simulate", {"experiment is given twice", "line 1"}},
    {4, "  duration: ten", {"simulation.duration is 'ten'", "real number at least 0 ms"}},
    {4, "  duration: -10", {"simulation.duration is -10", "at least 0 ms"}},
    {4, "  duration: .nan", {"simulation.duration is .nan", "real number"}},
    {4, "  duration: .inf", {"simulation.duration is .inf"}},
    {4,
     "  duration: 10.05",
     {"simulation.duration is 10.05", "multiple of the resolution, 0.1 ms"}},
    {4, "  duration:", {"simulation.duration is empty", "real number"}},
    {4, "  duraton: 10", {"simulation.duraton is not a known key", "did you mean 'duration'?"}},
    {4, "  runtime: clock", {"simulation.duration is missing", "real number"}, 3},
    {5, "  resolution: 0", {"simulation.resolution is 0", "greater than 0 ms"}},
    {5, "  resolution: -0.1", {"simulation.resolution is -0.1", "greater than 0 ms"}},
    {5, "  resolution: true", {"simulation.resolution is true", "real number"}},
    {5, "  runtime: clok", {"simulation.runtime is 'clok'", "did you mean 'clock'?"}},
    {5, "  grid: perhaps", {"simulation.grid is 'perhaps'", "true or false"}},
    {22, "  no/ise:", {"'no/ise' is no name", "letters, digits"}},
    {14,
     "    size: 2\n  exc: {model: lif, size: 1}",
     {"populations.exc is given twice", "line 7"},
     15},
    {8,
     "    model: iaf_psc_exq",
     {"populations.exc.model is 'iaf_psc_exq'", "unknown neuron model",
      "did you mean 'iaf_psc_exp'?"}},
    {8, "    model: 5", {"populations.exc.model is 5", "text: neuron model"}},
    {8, "    #", {"populations.exc.model is missing", "text"}, 7},
    {9, "    size: 0", {"populations.exc.size is 0", "whole number between 1 and"}},
    {9, "    size: -4", {"populations.exc.size is -4", "between 1 and"}},
    {9, "    size: 1e12", {"populations.exc.size is 1e12", "between 1 and"}},
    {9, "    size: 4.5", {"populations.exc.size is 4.5", "whole number"}},
    {9, "    #", {"populations.exc.size is missing", "whole number"}, 7},
    {11,
     "      tau_m: -3",
     {"populations.exc.parameters.tau_m is -3", "a real number greater than 0 ms"}},
    {11, "      tau_m: .nan", {"populations.exc.parameters.tau_m is .nan", "greater than 0 ms"}},
    {11, "      tau_m: quick", {"populations.exc.parameters.tau_m is 'quick'", "real number"}},
    {11,
     "      tau_n: 3",
     {"populations.exc.parameters.tau_n is not a known key", "did you mean 'tau_m'?"}},
    {11,
     "      tau_m: [10, 11]",
     {"populations.exc.parameters.tau_m has 2 values", "one for each of the 4 neurons"}},
    {11,
     "      tau_m: [10, 11, 12, -1]",
     {"populations.exc.parameters.tau_m.3 is -1", "greater than 0 ms"}},
    {11,
     "      tau_m: {norml: {mean: 10}}",
     {"tau_m is 'norml'", "unknown distribution", "did you mean 'normal'?"}},
    {11, "      tau_m: {normal: {mean: 10, sd: 1}}", {"tau_m.normal.sd is not a known key"}},
    {11,
     "      tau_m: {normal: {mean: -10, std: 0.1}}",
     {"population 'exc'", "tau_m", "greater than 0 ms"},
     7},
    {11, "      V_reset: -40", {"population 'exc'", "V_reset"}, 7},
    {16,
     "  - source: exk",
     {"projections.0.source is 'exk'", "unknown population", "did you mean 'exc'?"}},
    {16, "  - source: [exc]", {"projections.0.source is a list of 1", "text"}},
    {17, "    target: nobody", {"projections.0.target is 'nobody'", "unknown population"}},
    {17,
     "    target: inh\n    tarqet: inh",
     {"projections.0.tarqet is not a known key", "did you mean 'target'?"},
     18},
    {18,
     "    rule: all_to_al",
     {"projections.0.rule is 'all_to_al'", "unknown connection rule",
      "did you mean 'all_to_all'?"}},
    {18,
     "    rule: {fixed_indegree: {indegree: -1}}",
     {"projections.0.rule.fixed_indegree.indegree is -1", "whole number"}},
    {18,
     "    rule: {fixed_indegree: {outdegree: 1}}",
     {"projections.0.rule.fixed_indegree.outdegree is not a known key"}},
    {18, "    rule: one_to_one", {"projection 'exc->inh'", "4", "2"}, 16},
    {18, "    rule: [all_to_all]", {"projections.0.rule is a list of 1", "connection rule"}},
    {18, "    #", {"projections.0.rule is missing", "connection rule"}, 16},
    {19, "    weight: .nan", {"projections.0.weight is .nan", "number"}},
    {19, "    weight: .inf", {"projections.0.weight is .inf", "number"}},
    {19, "    weight: heavy", {"projections.0.weight is 'heavy'", "real number"}},
    {19,
     "    weight: {normal: {mean: 10, std: -1}}",
     {"projections.0.weight.normal.std is -1", "at least 0"}},
    {19, "    #", {"projections.0.weight is missing", "real number or a distribution"}, 16},
    {20, "    delay: -1.0", {"projections.0.delay is -1.0", "at least 0 ms"}},
    {20, "    delay: 0.05", {"projections.0.delay is 0.05", "at least the resolution, 0.1 ms"}},
    {20, "    delay: 7000", {"projections.0.delay is 7000", "at most 6553.5 ms"}},
    {20, "    delay: [1, 2]", {"delay of projection 'exc->inh' has 2 values", "8 synapses"}, 16},
    {20, "    delay: .nan", {"projections.0.delay is .nan", "real number"}},
    {20,
     "    delay: 1\n    port: currant",
     {"projections.0.port is 'currant'", "unknown port of iaf_psc_exp", "did you mean 'current'?"},
     21},
    {22, "  exc:", {"device 'exc' is defined twice", "every name once"}},
    {23,
     "    model: poison_generator",
     {"devices.noise.model is 'poison_generator'", "unknown device model",
      "did you mean 'poisson_generator'?"}},
    {24,
     "    target: exec",
     {"devices.noise.target is 'exec'", "unknown population", "did you mean 'exc'?"}},
    {25, "    parameters: {rate: -5}", {"devices.noise.parameters.rate is -5", "at least 0 Hz"}},
    {25,
     "    parameters: {rates: 5}",
     {"devices.noise.parameters.rates is not a known key", "did you mean 'rate'?"}},
    {25, "    parameters: {start: 5, stop: 2}", {"device 'noise'", "stop", "2"}, 22},
    {25, "    spike_times: [1]", {"devices.noise.spike_times", "replays no spikes"}},
    {25, "    port: soma", {"devices.noise.port is 'soma'", "unknown port"}},
    {27,
     "  spikes: [exc, ihn]",
     {"record.spikes.1 is 'ihn'", "unknown population", "did you mean 'inh'?"}},
    {27, "  spikes: some", {"record.spikes is 'some'", "all, none or a list of populations"}},
    {27,
     "  weights: [exc->exc]",
     {"record.weights.0 is 'exc->exc'", "unknown projection", "expected one of exc->inh"}},
    {27, "  spike: all", {"record.spike is not a known key", "did you mean 'spikes'?"}},
    {29, "    - population: ex", {"record.states.0.population is 'ex'", "did you mean 'exc'?"}},
    {30,
     "      variables: [V]",
     {"record.states.0.variables.0 is 'V'", "unknown state variable", "V_m"}},
    {30,
     "      neurons: [9]\n      variables: [V_m]",
     {"record.states.0.neurons.0 is 9", "below the size of 'exc', 4"}},
    {30,
     "      neurons: [-1]\n      variables: [V_m]",
     {"record.states.0.neurons.0 is -1", "whole number at least 0"}},
    {30, "      #", {"record.states.0.variables is missing", "V_m"}, 29},
    {31,
     "      interval: 0.25",
     {"record.states.0.interval is 0.25", "multiple of the resolution, 0.1 ms"}},
    {31, "      interval: 0", {"record.states.0.interval is 0", "greater than 0 ms"}},
    {31, "checkpoint: {every: -1}", {"checkpoint.every is -1", "at least 0 ms"}},
    {31, "checkpoint: often", {"checkpoint is 'often'", "a map of every"}},
};

TEST_CASE("the undamaged configuration of these tests is right") {
  const TemporaryFolder folder;
  write_file(folder / "x.yaml", text_with(0, ""));
  const auto result = test::ranvier({"validate", (folder / "x.yaml").string()});
  CHECK(result.err.empty());
  CHECK(result.code == success);
}

TEST_CASE("a wrong line gives exit code 3 and one message with its place and the way out") {
  CHECK(bad_lines.size() >= 60);
  const TemporaryFolder folder;
  const auto file = (folder / "x.yaml").string();
  for (const auto& row : bad_lines) {
    write_file(file, text_with(row.line, row.replacement));
    const auto result = test::ranvier({"run", file, "--out", (folder / "out").string()});
    CAPTURE(row.replacement, result.err);
    CHECK(result.code == invalid_configuration);
    CHECK(result.out.empty());
    CHECK(result.problems().size() == 1);
    const auto line = row.told_at == 0 ? row.line : row.told_at;
    CHECK(result.err.find(fmt::format("x.yaml:{}:", line)) != std::string::npos);
    for (const auto& word : row.words) {
      CAPTURE(word);
      CHECK(result.err.find(word) != std::string::npos);
    }
    CHECK_FALSE(fs::exists(folder / "out"));
  }
}

struct BadText {
  std::string text;
  Texts words;
};

TEST_CASE("text that is no configuration is refused with its place") {
  const std::vector<BadText> rows{
      {"", {"x.yaml:1:1", "empty", "a map"}},
      {"- 1\n- 2\n", {"x.yaml:1:1", "a list", "a map"}},
      {"experiment: [simulate\n", {"x.yaml:", "not YAML"}},
      {"experiment: a: b\n", {"x.yaml:1:", "not YAML"}},
      {"experiment: 'simulate\n", {"x.yaml:1:", "simulate"}},
      {"\texperiment: simulate\n", {"x.yaml:", "not YAML"}},
      {"experiment: simulate\n---\nseed: 2\n", {"second document"}},
      {"{}\n", {"experiment is missing"}},
      {std::string("\x00\x01\x02\xff\xfe", 5), {"x.yaml:"}},
  };
  const TemporaryFolder folder;
  const auto file = (folder / "x.yaml").string();
  for (const auto& row : rows) {
    write_file(file, row.text);
    const auto result = test::ranvier({"validate", file});
    CAPTURE(row.text, result.err);
    CHECK(result.code == invalid_configuration);
    CHECK(result.problems().size() == 1);
    for (const auto& word : row.words) CHECK(result.err.find(word) != std::string::npos);
  }
}

TEST_CASE("several problems of one file are all told, in its order") {
  const TemporaryFolder folder;
  const auto file = (folder / "x.yaml").string();
  auto text = text_with(11, "      tau_m: -3");
  text.replace(text.find("rate: 1000.0"), 12, "rat: 1000.0");
  text.replace(text.find("delay: 1.0"), 10, "delay: -1.");
  text.replace(text.find("seed: 1"), 7, "sed: 1");
  write_file(file, text);
  const auto result = test::ranvier({"run", file, "--out", (folder / "out").string()});
  CHECK(result.code == invalid_configuration);
  const auto problems = result.problems();
  REQUIRE(problems.size() == 4);
  CHECK(problems[0].find("x.yaml:2:1: sed is not a known key") != std::string::npos);
  CHECK(problems[1].find("x.yaml:11:14: populations.exc.parameters.tau_m is -3") !=
        std::string::npos);
  CHECK(problems[2].find("x.yaml:20:12: projections.0.delay is -1.") != std::string::npos);
  CHECK(problems[3].find("x.yaml:25:18: devices.noise.parameters.rat is not") != std::string::npos);
}

}  // namespace
}  // namespace ranvier
