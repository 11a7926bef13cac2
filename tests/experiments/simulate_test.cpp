/// The `simulate` experiment against closed forms and against itself on other threads and runtimes.

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/files/hdf5.hpp"
#include "core/files/sonata.hpp"
#include "experiments/runner.hpp"
#include "tests/catch.hpp"
#include "tests/experiments/idx_files.hpp"

namespace ranvier {
namespace {

using test::TemporaryFolder;
using Texts = std::vector<std::string>;

const std::string configs = RANVIER_SOURCE_DIR "/configs/";

RunOutcome run_text(const std::string& text, const std::filesystem::path& out,
                    const Texts& overrides = {}, unsigned threads = 1) {
  auto document = ConfigDocument::from_text(text, "x.yaml", overrides);
  return run(prepare(document), {.out = out, .threads = threads, .report = false});
}

double figure(const RunOutcome& outcome, std::string_view name) {
  const auto& value = outcome.metrics.at(name);
  REQUIRE(value.has_value());
  if (const auto* whole = std::get_if<std::int64_t>(&*value)) return static_cast<double>(*whole);
  return std::get<double>(*value);
}

std::string digest_of(const RunOutcome& outcome) {
  return std::get<std::string>(*outcome.metrics.at("digest"));
}

TEST_CASE("a neuron under constant current fires at the rate of the closed form") {
  const TemporaryFolder folder;
  auto document =
      ConfigDocument::from_file(configs + "two_neurons.yaml", Texts{"simulation.duration=2000"});
  const auto outcome = run(prepare(document), {.out = folder / "out", .report = false});

  // T = t_ref + tau_m ln((V_inf - V_reset)/(V_inf - V_th)) with V_inf = E_L + I tau_m/C_m; each
  // spike waits for the end of its step.
  const double V_inf = -70.0 + 400.0 * 10.0 / 250.0;
  const double period = 2.0 + 10.0 * std::log((V_inf + 70.0) / (V_inf + 55.0));
  const hdf5::InputFile file(folder / "out" / std::string("results.h5"));
  const auto driver = read_spikes(file, "driver");
  REQUIRE(driver.size() > 10);
  const double on_grid = std::ceil(period / 0.1 - 1e-9) * 0.1;
  for (std::size_t k = 1; k < driver.size(); ++k) {
    CHECK(driver.times[k] - driver.times[k - 1] == Approx(on_grid).margin(1e-9));
  }
  // Every spike of the driver makes the follower fire once, after the delay.
  const auto follower = read_spikes(file, "follower");
  CHECK(follower.size() >= driver.size() - 1);
  CHECK(figure(outcome, "spikes") == static_cast<double>(driver.size() + follower.size()));
  CHECK(figure(outcome, "rate_hz_driver") ==
        Approx(static_cast<double>(driver.size()) / 2.0).epsilon(1e-12));
  CHECK(figure(outcome, "cv_isi_driver") == Approx(0.0).margin(1e-9));
  CHECK(figure(outcome, "biological_seconds") == Approx(2.0));
  CHECK(figure(outcome, "synapses") == 1.0);
}

TEST_CASE("recordings hold the membrane potential at every sample") {
  const TemporaryFolder folder;
  auto document =
      ConfigDocument::from_file(configs + "two_neurons.yaml", Texts{"simulation.precision=double"});
  run(prepare(document), {.out = folder / "out", .report = false});
  const hdf5::InputFile file(folder / "out" / std::string("results.h5"));
  const auto V = file.read<double>("recordings/driver/V_m/data");
  REQUIRE(V.size() == 2000);
  // V(t) = E_L + I tau_m/C_m (1 - exp(-(t - t_on)/tau_m)) until the first spike.
  for (const std::size_t step : {150u, 200u, 300u}) {
    const double t = 0.1 * static_cast<double>(step) - 10.0;
    CHECK(V[step - 1] == Approx(-70.0 + 16.0 * (1.0 - std::exp(-t / 10.0))).epsilon(1e-12));
  }
  CHECK(file.text_attribute("units", "recordings/driver/V_m/data") == "mV");
  CHECK(file.has("recordings/follower/I_syn_ex/data"));
}

const std::string noisy = R"(
experiment: simulate
seed: 3
simulation: {duration: 100, resolution: 0.1}
populations:
  exc:
    model: iaf_psc_exp
    size: 800
    parameters: {tau_m: {normal: {mean: 10, std: 0.5}}}
    initial: {V_m: {normal: {mean: -65, std: 3}}}
  inh: {model: iaf_psc_exp, size: 200}
projections:
  - {source: exc, target: exc, rule: {fixed_indegree: {indegree: 20}}, weight: {normal: {mean: 30, std: 3}}, delay: 1.5}
  - {source: exc, target: inh, rule: {fixed_indegree: {indegree: 20}}, weight: 30, delay: 1.5}
  - {source: inh, target: exc, rule: {fixed_indegree: {indegree: 10}}, weight: -150, delay: 0.8}
devices:
  noise: {model: poisson_generator, target: exc, parameters: {rate: 8000, weight: 40}}
record: {states: [{population: exc, variables: [V_m], neurons: [0, 799], interval: 0.5}]}
)";

TEST_CASE("the number of threads changes no spike and no sample") {
  const TemporaryFolder folder;
  const auto one = run_text(noisy, folder / "one", {}, 1);
  const auto four = run_text(noisy, folder / "four", {}, 4);
  CHECK(figure(four, "threads") == 4.0);
  CHECK(figure(one, "spikes") > 100.0);
  CHECK(digest_of(one) == digest_of(four));
  const hdf5::InputFile a(folder / "one" / std::string("results.h5"));
  const hdf5::InputFile b(folder / "four" / std::string("results.h5"));
  CHECK(a.read<double>("spikes/exc/timestamps") == b.read<double>("spikes/exc/timestamps"));
  CHECK(a.read<double>("recordings/exc/V_m/data") == b.read<double>("recordings/exc/V_m/data"));
}

TEST_CASE("a run says in which precision it was, and the event runtime refuses single") {
  const TemporaryFolder folder;
  const auto precision_of_run = [&](const Texts& overrides) {
    const auto outcome = run_text(noisy, folder / overrides.back(), overrides);
    return std::get<std::string>(*outcome.metrics.at("precision"));
  };
  CHECK(precision_of_run({"simulation.duration=1"}) == "single");
  CHECK(precision_of_run({"simulation.duration=1", "simulation.precision=double"}) == "double");
  CHECK(precision_of_run({"simulation.duration=1", "simulation.runtime=event"}) == "double");
  auto refused = ConfigDocument::from_text(
      noisy, "x.yaml", Texts{"simulation.runtime=event", "simulation.precision=single"});
  CHECK_THROWS_WITH(prepare(refused), Catch::Matchers::Contains(
                                          "precision is single, which the event runtime does not "
                                          "have; expected precision double or runtime clock"));
}

TEST_CASE("another seed gives other spikes") {
  const TemporaryFolder folder;
  CHECK(digest_of(run_text(noisy, folder / "a")) !=
        digest_of(run_text(noisy, folder / "b", {"seed=4"})));
}

TEST_CASE("the resolved configuration in the results gives the same run again") {
  const TemporaryFolder folder;
  const auto first = run_text(noisy, folder / "a");
  const auto again =
      hdf5::InputFile(folder / "a" / std::string("results.h5")).text_attribute("configuration");
  CHECK(again.find("V_reset") != std::string::npos);
  CHECK(digest_of(run_text(again, folder / "b")) == digest_of(first));
}

TEST_CASE("the event runtime on the grid gives the spikes of the clock runtime") {
  const TemporaryFolder folder;
  const auto clock = run_text(noisy, folder / "clock", {"simulation.precision=double"});
  const auto event =
      run_text(noisy, folder / "event", {"simulation.runtime=event", "simulation.grid=true"});
  CHECK(figure(clock, "spikes") == figure(event, "spikes"));
  CHECK(digest_of(clock) == digest_of(event));
}

TEST_CASE("weights are written for the projections that are named") {
  const TemporaryFolder folder;
  run_text(noisy, folder / "out", {"record.weights=[exc->inh]", "simulation.duration=1"});
  const hdf5::InputFile file(folder / "out" / std::string("results.h5"));
  const auto sources = file.read<std::uint64_t>("edges/exc->inh/source_node_id");
  CHECK(sources.size() == 200 * 20);
  CHECK(file.read<double>("edges/exc->inh/0/syn_weight") == std::vector<double>(200 * 20, 30.0));
  CHECK(file.read<double>("edges/exc->inh/0/delay") == std::vector<double>(200 * 20, 1.5));
  CHECK(file.text_attribute("node_population", "edges/exc->inh/target_node_id") == "inh");
  CHECK_FALSE(file.has("edges/exc->exc"));
}

TEST_CASE("a device replays one list for all neurons or one list each") {
  const TemporaryFolder folder;
  const std::string text = R"(
experiment: simulate
simulation: {duration: 10, resolution: 0.1}
populations: {cells: {model: parrot, size: 2}}
devices: {replay: {model: spike_generator, target: cells, parameters: {weight: 1}, spike_times: [2, 5]}}
)";
  run_text(text, folder / "same");
  const auto same =
      read_spikes(hdf5::InputFile(folder / "same" / std::string("results.h5")), "cells");
  CHECK(same.times == std::vector<double>{2.0, 2.0, 5.0, 5.0});
  run_text(text, folder / "own", {"devices.replay.spike_times=[[3], [1, 4]]"});
  const auto own =
      read_spikes(hdf5::InputFile(folder / "own" / std::string("results.h5")), "cells");
  CHECK(own.times == std::vector<double>{1.0, 3.0, 4.0});
  CHECK(own.neurons == std::vector<NeuronId>{1, 0, 1});
}

TEST_CASE("the published configurations are valid") {
  for (const auto& entry : std::filesystem::directory_iterator(configs)) {
    if (entry.path().extension() != ".yaml") continue;
    CAPTURE(entry.path().string());
    auto document = ConfigDocument::from_file(entry.path().string());
    CHECK_NOTHROW(prepare(document));
  }
}

}  // namespace
}  // namespace ranvier
