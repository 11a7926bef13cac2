/// configs/microcircuit.yaml at reduced scale against the published activity of the full circuit:
/// Potjans & Diesmann 2014, Cereb. Cortex 24:785-806.

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/files/hdf5.hpp"
#include "core/files/sonata.hpp"
#include "experiments/runner.hpp"
#include "experiments/spike_statistics.hpp"
#include "networks/circuit.hpp"
#include "tests/catch.hpp"
#include "tests/experiments/idx_files.hpp"

namespace ranvier {
namespace {

using test::TemporaryFolder;
using Texts = std::vector<std::string>;

const std::string config = RANVIER_SOURCE_DIR "/configs/microcircuit.yaml";

/// Mean rates in Hz of two implementations at full scale (INM-6/microcircuit-PD14-model in PyNEST,
/// NeuralEnsemble/PyNN), and the mean CV read off a published histogram of 900 s.
struct Published {
  const char* population;
  double rate_pynest, rate_pynn, cv;
};
constexpr std::array<Published, 8> published{{{"L23E", 0.903, 0.971, 0.97},
                                              {"L23I", 2.965, 2.868, 0.92},
                                              {"L4E", 4.414, 4.746, 0.89},
                                              {"L4I", 5.876, 5.396, 0.87},
                                              {"L5E", 7.569, 8.142, 0.82},
                                              {"L5I", 8.633, 9.078, 0.79},
                                              {"L6E", 1.105, 0.991, 0.95},
                                              {"L6I", 7.829, 7.523, 0.80}}};

double real_parameter(const ValueMap& values, std::string_view name) {
  return std::get<double>(values.find(name)->second);
}

double published_rate(const std::string& population) {
  return std::ranges::find(published, population,
                           [](const auto& p) { return std::string(p.population); })
      ->rate_pynest;
}

/// How much of its rate a population of the full circuit loses to the skewness of its input.
///
/// With PSPs J exp(-t/tau_m) at rates r the free potential has the cumulants sum r J^n tau_m / n.
/// Compensation keeps the first two; the third grows as 1/sqrt(k) with in-degrees scaled by k. It
/// changes the density of the potential at z standard deviations above the mean, and so the rate, by
/// the share skewness (z^3 - 3 z) / 6: Edgeworth's expansion.
double share_lost_to_skewness(const std::string& population) {
  constexpr double C_m = 250.0, tau_m = 10.0, tau_syn = 0.5, distance = 15.0;  // E_L to V_th, mV
  static const auto network = circuit("potjans_diesmann", {{"weight_std", 0.0}});
  const auto N =
      static_cast<double>(network.populations()[network.population_index(population)].size);
  std::array<double, 4> cumulants{};
  const auto add = [&](double rate, double weight) {
    const double J = weight * tau_syn / C_m;
    for (int n = 1; n < 4; ++n) {
      cumulants[static_cast<std::size_t>(n)] += rate * 1e-3 * std::pow(J, n) * tau_m / n;
    }
  };
  for (const auto& projection : network.projections()) {
    if (projection.target != population) continue;
    const double synapses = projection.rule->expected_synapses(
        {1, 1, false, true, true, RandomStream(0, Purpose::connectivity)});
    add(synapses / N * published_rate(projection.source), *projection.weight->constant());
  }
  for (const auto& stimulus : network.stimuli()) {
    if (stimulus.target != population) continue;
    add(real_parameter(stimulus.parameters, "rate"), real_parameter(stimulus.parameters, "weight"));
  }
  const double deviation = std::sqrt(cumulants[2]);
  const double z = (distance - cumulants[1]) / deviation;
  const double skewness = cumulants[3] / std::pow(deviation, 3);
  return std::max(0.0, -skewness * (z * z * z - 3.0 * z) / 6.0);
}

std::vector<double> spike_counts(const SpikeTrain& train, std::size_t neurons) {
  std::vector<double> counts(neurons, 0.0);
  for (const auto neuron : train.neurons) counts[neuron] += 1.0;
  return counts;
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double variance_of(const std::vector<double>& values) {
  const double mean = mean_of(values);
  double sum = 0.0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return sum / static_cast<double>(values.size());
}

/// What `mean_cv_isi` finds in a window when every neuron is a gamma process of the given CV: a
/// window of few intervals has no place for long ones, so it is less than the CV of the process.
/// The rates of neurons are spread as the counts are, less what counts of such processes vary by.
double cv_in_window(double cv, const std::vector<double>& counts, double window) {
  std::mt19937_64 random(5);
  const double mean = mean_of(counts), variance = variance_of(counts);
  const double shrink = std::sqrt(std::max(0.0, variance - cv * cv * mean) / variance);
  const double shape = 1.0 / (cv * cv);
  SpikeTrain train;
  for (NeuronId i = 0; i < counts.size(); ++i) {
    const double interval = window / (mean + shrink * (counts[i] - mean));
    std::gamma_distribution<double> gaps(shape, interval / shape);
    // Twenty intervals earlier, at a random phase, the process has forgotten where it began.
    double time = -interval * (20.0 + std::uniform_real_distribution<double>()(random));
    while (time < window) {
      if (time > 0.0) {
        train.times.push_back(time);
        train.neurons.push_back(i);
      }
      time += gaps(random);
    }
  }
  return *mean_cv_isi(train, counts.size());  // in order for each neuron, which is what counts
}

double figure(const RunOutcome& outcome, const std::string& name) {
  const auto& value = outcome.metrics.at(name);
  REQUIRE(value.has_value());
  return std::get<double>(*value);
}

TEST_CASE("the reduced microcircuit fires like the full one") {
  constexpr double k = 0.3, after = 200.0, duration = 5200.0, window = duration - after;
  const TemporaryFolder folder;
  auto document =
      ConfigDocument::from_file(config, Texts{"circuit.potjans_diesmann.indegree_scale=0.3",
                                              "simulation.duration=5200", "statistics.after=200"});
  const auto outcome =
      run(prepare(document), {.out = folder / "out", .threads = 2, .report = false});
  const hdf5::InputFile file(folder / "out" / std::string("results.h5"));
  const auto network = circuit("potjans_diesmann", {{"scale", 0.1}});
  for (const auto& population : network.populations()) {
    const auto& name = population.name;
    const auto& reference = *std::ranges::find(
        published, name, [](const auto& p) { return std::string(p.population); });
    const auto counts = spike_counts(later_than(read_spikes(file, name), after), population.size);
    const auto N = static_cast<double>(population.size);

    // The two published runs differ by up to 12 %, and within 10 % of their span a rate is
    // plausible. Fewer synapses cost what the skewness of the input says. Neurons have different
    // in-degrees, so the mean of N has a standard error.
    const double rate = figure(outcome, "rate_hz_" + name);
    const double standard_error = std::sqrt(variance_of(counts) / N) * 1e3 / window;
    const double lost = share_lost_to_skewness(name) * (1.0 / std::sqrt(k) - 1.0);
    const auto [low, high] = std::minmax(reference.rate_pynest, reference.rate_pynn);
    CAPTURE(name, rate, standard_error, lost);
    CHECK(rate > low * (0.9 - lost) - 3.0 * standard_error);
    CHECK(rate < high * 1.1 + 3.0 * standard_error);

    // The published CV is good to 0.03; the CVs of single neurons spread by about 0.3 in a window of
    // a few intervals.
    const double cv = figure(outcome, "cv_isi_" + name);
    const double expected = cv_in_window(reference.cv, counts, window);
    CAPTURE(cv, expected);
    CHECK(cv == Approx(expected).margin(0.03 + 3.0 * 0.3 / std::sqrt(N)));

    // The state is asynchronous. The published data have no mean to compare with.
    CHECK(std::abs(figure(outcome, "correlation_" + name)) < 0.05);
  }
}

TEST_CASE("statistics leave out the transient, and say nothing of what is not recorded") {
  const TemporaryFolder folder;
  const std::string text = R"(
experiment: simulate
simulation: {duration: 10, resolution: 0.1}
populations: {a: {model: parrot, size: 2}, b: {model: parrot, size: 2}}
devices:
  to_a: {model: spike_generator, target: a, parameters: {weight: 1}, spike_times: [2, 5, 6, 7.5]}
  to_b: {model: spike_generator, target: b, parameters: {weight: 1}, spike_times: [2, 5]}
record: {spikes: [a]}
)";
  auto whole = ConfigDocument::from_text(text, "x.yaml", {});
  const auto all = run(prepare(whole), {.out = folder / "all", .report = false});
  CHECK(figure(all, "rate_hz_a") == Approx(400.0));
  CHECK(figure(all, "rate_hz_b") == Approx(200.0));
  CHECK(figure(all, "correlation_a") == Approx(1.0));
  auto cut = ConfigDocument::from_text(text, "x.yaml", Texts{"statistics.after=5"});
  const auto later = run(prepare(cut), {.out = folder / "later", .report = false});
  CHECK(figure(later, "rate_hz_a") == Approx(400.0));  // at 6 and 7.5 of the last 5 ms
  CHECK_FALSE(later.metrics.at("rate_hz_b"));
  CHECK_FALSE(later.metrics.at("cv_isi_a"));
}

TEST_CASE("populations, projections and devices may be added to a circuit") {
  const TemporaryFolder folder;
  auto document = ConfigDocument::from_file(
      config,
      Texts{"circuit.potjans_diesmann.scale=0.01", "circuit.potjans_diesmann.indegree_scale=0.01",
            "simulation.duration=2", "statistics.after=0",
            "populations={reader: {model: parrot, size: 3}}",
            "projections=[{source: L5E, target: reader, rule: all_to_all, weight: 1, delay: 1}]",
            "record.spikes=[reader]"});
  const auto outcome = run(prepare(document), {.out = folder / "out", .report = false});
  CHECK(std::get<std::int64_t>(*outcome.metrics.at("neurons")) == 772 + 3);
}

TEST_CASE("what is wrong with a circuit or with statistics is told by name") {
  const std::vector<std::pair<std::string, std::string>> rows{
      {"circuit.potjans_diesmann.scale=2", "circuit.potjans_diesmann.scale is 2"},
      {"circuit.potjans_diesmann.scale=1e-4", "scale of circuit.potjans_diesmann is 0.0001"},
      {"circuit.potjans_diesmann.scal=1", "did you mean 'scale'?"},
      {"circuit=potjans_diesman", "did you mean 'potjans_diesmann'?"},
      {"populations={L4E: {model: parrot, size: 1}}", "'L4E' is defined twice"},
      {"populations={}", "expected at least one population"},
      {"devices={d: {model: dc_generator, target: L4F}}", "did you mean 'L4E'?"},
      {"statistics.after=5500", "expected less than simulation.duration, 5500 ms"},
      {"statistics.bin=0", "statistics.bin is 0"},
      {"statistics.correlation_neurons=1", "whole number between 2 and"},
      {"statistics.befor=1", "statistics.befor is not a known key"}};
  for (const auto& [assignment, words] : rows) {
    CAPTURE(assignment);
    auto document = ConfigDocument::from_file(config, Texts{assignment});
    try {
      prepare(document);
      FAIL_CHECK("accepted");
    } catch (const Error& problem) {
      CAPTURE(std::string(problem.what()));
      CHECK(std::string(problem.what()).find(words) != std::string::npos);
    }
  }
}

}  // namespace
}  // namespace ranvier
