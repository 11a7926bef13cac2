/// `ranvier plan` against what a run then has, and the refusal of what does not fit.

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/files/write_file.hpp"
#include "core/rows.hpp"
#include "experiments/command_line/exit_code.hpp"
#include "experiments/memory.hpp"
#include "experiments/runner.hpp"
#include "experiments/simulate/forecast.hpp"
#include "experiments/simulate/time_forecast.hpp"
#include "tests/catch.hpp"
#include "tests/experiments/command_runner.hpp"
#include "tests/experiments/idx_files.hpp"
#include "tests/experiments/noisy_network.hpp"

namespace ranvier {
namespace {

namespace fs = std::filesystem;
using test::noisy_network;
using test::TemporaryFolder;
using Texts = std::vector<std::string>;

SimulationPlan plan_of(const Texts& overrides) {
  auto document = ConfigDocument::from_text(noisy_network, "x.yaml", overrides);
  return read_plan(ConfigNode(document), 5);
}

double figure(const RunOutcome& outcome, std::string_view name) {
  const auto& value = outcome.metrics.at(name);
  REQUIRE(value.has_value());
  if (const auto* whole = std::get_if<std::int64_t>(&*value)) return static_cast<double>(*whole);
  return std::get<double>(*value);
}

TEST_CASE("a forecast expects the synapses and bytes that a run then has") {
  const auto runtime = GENERATE(as<std::string>{}, "clock", "event");
  const auto delay = GENERATE(as<std::string>{}, "2.0", "{uniform: {low: 1.0, high: 3.0}}");
  const Texts overrides{"simulation.runtime=" + runtime, "simulation.duration=1",
                        "projections.0.delay=" + delay};
  const TemporaryFolder folder;
  auto document = ConfigDocument::from_text(noisy_network, "x.yaml", overrides);
  const auto outcome = run(prepare(document), {.out = folder / "out", .report = false});
  const auto forecast = forecast_of(plan_of(overrides), 1);
  CHECK(forecast.synapses() == figure(outcome, "synapses"));
  // Where delays are drawn the number of pieces of a row is an expectation: at most 21 delays in
  // rows of about 20 synapses, over hundreds of rows.
  const double error = runtime == "clock" && delay != "2.0" ? 0.01 : 1e-12;
  CHECK(forecast.rows ==
        Approx(figure(outcome, "bytes_per_synapse") * figure(outcome, "synapses")).epsilon(error));
}

TEST_CASE("a forecast counts arrivals, samples and spikes of the configuration") {
  const auto forecast = forecast_of(
      plan_of({"record.states=[{population: exc, variables: [V_m], interval: 0.5}]"}), 1);
  const auto ports = static_cast<double>(neuron_models().at("iaf_psc_exp").ports.size());
  CHECK(forecast.neurons == 300.0);
  CHECK(forecast.arrivals == 300.0 * ports * 4.0);
  CHECK(forecast_of(plan_of({"simulation.precision=double"}), 1).arrivals == 300.0 * ports * 8.0);
  CHECK(forecast.recordings == 400.0 * 300.0 * 8.0);
  CHECK(forecast.spikes_per_hz == Approx(300.0 * 0.2));
  CHECK(forecast.spike_file_per_hz == Approx(300.0 * 0.2 * 16.0));
}

TEST_CASE("plan tells every part, and of a full-scale network without building it") {
  const TemporaryFolder folder;
  const auto file = (folder / "x.yaml").string();
  write_file(file, noisy_network);
  const auto result = test::ranvier({"plan", file, "--set", "populations.exc.size=4000000"});
  CHECK(result.code == success);
  for (const std::string word :
       {"synapses, expected", "80000000", "exc->exc", "state of neurons", "arrivals under way",
        "recordings", "memory free now", "to build", "to run", "and for each Hz of mean rate"}) {
    CAPTURE(word);
    CHECK(result.out.find(word) != std::string::npos);
  }
  const auto trained = test::ranvier({"plan", RANVIER_SOURCE_DIR "/configs/quickstart.yaml"});
  CHECK(trained.code == invalid_configuration);
  CHECK(trained.err.find("experiment classify cannot be planned") != std::string::npos);
}

TEST_CASE("expected times grow with duration and synapses, and the event runtime has none") {
  const auto costs_of = [](const Texts& overrides) {
    const auto plan = plan_of(overrides);
    return probe_costs(plan, forecast_of(plan, 1));
  };
  // The probes are the same, measured twice: a factor of 100 stands out of any noise.
  const auto one = costs_of({});
  const auto longer = costs_of({"simulation.duration=20000"});
  const auto larger = costs_of({"populations.exc.size=30000"});
  REQUIRE((one && longer && larger));
  CHECK(one->build > 0.0);
  CHECK(longer->neurons > 5.0 * one->neurons);
  CHECK(longer->events_per_hz > 5.0 * one->events_per_hz);
  CHECK(larger->build > 5.0 * one->build);
  CHECK_FALSE(costs_of({"simulation.runtime=event"}));
}

TEST_CASE("a run beyond the memory it may take is refused with both numbers") {
  const TemporaryFolder folder;
  auto document = ConfigDocument::from_text(noisy_network, "x.yaml");
  const auto prepared = prepare(document);
  const double needed = forecast_of(plan_of({}), 1).memory();
  CHECK_NOTHROW(
      run(prepared, {.out = folder / "fits", .memory_limit = needed * 1.001, .report = false}));
  try {
    run(prepared, {.out = folder / "out", .memory_limit = 10240.0, .report = false});
    FAIL("the run was not refused");
  } catch (const NotEnoughMemory& refusal) {
    const std::string message = refusal.what();
    CHECK(message.find("needs at least " + readable_bytes(needed)) != std::string::npos);
    CHECK(message.find("10.0 KiB are free") != std::string::npos);
    CHECK(exit_code_of(refusal) == out_of_memory);
  }
  CHECK_FALSE(fs::exists(folder / "out"));
}

}  // namespace
}  // namespace ranvier
