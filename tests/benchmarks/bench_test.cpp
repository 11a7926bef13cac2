/// `ranvier bench` on tiny cases.

#include <sstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "benchmarks/bench_command.hpp"
#include "benchmarks/case.hpp"
#include "benchmarks/configured_case.hpp"
#include "benchmarks/record.hpp"
#include "core/files/write_file.hpp"
#include "tests/catch.hpp"
#include "tests/file_content.hpp"

namespace ranvier {
namespace {

using Texts = std::vector<std::string>;
using nlohmann::json;

struct Result {
  int code;
  std::vector<json> lines;
  std::string out, err;
};

Result bench(Texts arguments) {
  arguments.insert(arguments.begin(), "bench");
  std::ostringstream out, err;
  const int code = ranvier_main(arguments, out, err, {bench_command()});
  Result result{code, {}, out.str(), err.str()};
  std::istringstream text(result.out);
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with('{')) result.lines.push_back(json::parse(line));
  }
  return result;
}

TEST_CASE("a case prints one JSON line, with one digest for every number of threads") {
  const std::string name = GENERATE("microcircuit/0.1", "brunel/static", "cuba/clock", "coba/clock",
                                    "construction/fixed_total_number/normal");
  std::vector<std::string> digests;
  for (const std::string threads : {"1", "2"}) {
    const auto result =
        bench({name, "--scale", "tiny", "--duration", "20", "--repeat", "2", "--threads", threads});
    CAPTURE(name, result.err);
    REQUIRE(result.code == success);
    REQUIRE(result.lines.size() == 1);
    const auto& line = result.lines[0];
    CHECK(line["case"] == name);
    CHECK(line["threads"] == std::stoi(threads));
    CHECK(line["repetitions"] == 2);
    CHECK(line["biological_seconds"] == 0.02);
    CHECK(line["synapses"] > 0);
    CHECK(line["run_seconds"]["min"] <= line["run_seconds"]["median"]);
    CHECK(line["run_seconds"]["median"] <= line["run_seconds"]["max"]);
    CHECK(line["machine"]["cores"] >= 1);
    digests.push_back(line["digest"]);
  }
  CHECK(digests[0] == digests[1]);
  CHECK(digests[0] != std::string(16, '0'));
}

TEST_CASE("event-driven cases and the queue say that they use one thread") {
  const std::string name = GENERATE("cuba/event", "sparse/event", "queue/1e3");
  const auto result =
      bench({name, "--scale", "0.01", "--duration", "20", "--repeat", "1", "--threads", "2"});
  CAPTURE(name, result.err);
  REQUIRE(result.code == success);
  CHECK(result.lines.at(0)["threads"] == 1);
}

TEST_CASE("a family's name chooses all its cases") {
  const auto result = bench({"queue", "--scale", "0.0001", "--repeat", "1"});
  REQUIRE(result.code == success);
  CHECK(result.lines.size() == queue_cases().size());
}

TEST_CASE("bench lists its cases and refuses what it does not know") {
  const auto list = bench({"--list"});
  CHECK(list.code == success);
  for (const auto& benchmark : benchmark_cases()) {
    CHECK(list.out.find(benchmark.name) != std::string::npos);
  }
  const auto unknown = bench({"cuba/clok"});
  CHECK(unknown.code == usage_error);
  CHECK(unknown.err.find("did you mean 'cuba/clock'?") != std::string::npos);
  CHECK(bench({"--scale", "0"}).code == usage_error);
  CHECK(bench({"--repeat", "1.5"}).code == usage_error);
  CHECK(bench({"--duration", "long"}).code == usage_error);
}

TEST_CASE("the built-in configurations are the published files") {
  for (const std::string name :
       {"brunel", "brunel_stdp", "coba", "cuba", "microcircuit", "sparse"}) {
    CHECK(configuration_text(name) ==
          test::content_of(RANVIER_SOURCE_DIR "/configs/" + name + ".yaml"));
  }
}

TEST_CASE("a spread is the median, the least and the greatest") {
  CHECK(spread({3.0, 1.0, 2.0})["median"] == 2.0);
  const auto even = spread({4.0, 1.0, 2.0, 3.0});
  CHECK(even["median"] == 2.5);
  CHECK(even["min"] == 1.0);
  CHECK(even["max"] == 4.0);
}

}  // namespace
}  // namespace ranvier
