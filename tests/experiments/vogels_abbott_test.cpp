/// configs/cuba.yaml and configs/coba.yaml, the benchmarks of Brette et al. 2007, J. Comput. Neurosci.
/// 23:349-398, against NEST.

#include <cmath>
#include <string>
#include <vector>

#include "experiments/runner.hpp"
#include "tests/catch.hpp"
#include "tests/temporary_folder.hpp"

namespace ranvier {
namespace {

using test::TemporaryFolder;
using Texts = std::vector<std::string>;

Metrics metrics_of(const std::string& network, const Texts& overrides) {
  const TemporaryFolder folder;
  auto document = ConfigDocument::from_file(
      std::string(RANVIER_SOURCE_DIR "/configs/") + network + ".yaml", overrides);
  return run(prepare(document), {.out = folder / "out", .threads = 2, .report = false}).metrics;
}

double figure(const Metrics& metrics, std::string_view name) {
  return std::get<double>(*metrics.at(name));
}

/// Mean over seeds and the standard deviation across them, Hz.
struct Rate {
  double mean, deviation;
};

/// Within four standard deviations of the difference between one run and the mean of ten.
void check_rate(double found, const Rate& nest) {
  CAPTURE(found, nest.mean);
  CHECK(std::abs(found - nest.mean) < 4.0 * nest.deviation * std::sqrt(1.0 + 0.1));
}

// NEST 3.10.0 built from the same configurations by benchmarks/peers, rng_seed 11 ... 20.

TEST_CASE("the CUBA network fires at the rates that NEST finds") {
  const auto found = metrics_of("cuba", {"simulation.duration=1000", "statistics.after=200"});
  check_rate(figure(found, "rate_hz_excitatory"), {5.58, 0.32});
  check_rate(figure(found, "rate_hz_inhibitory"), {5.58, 0.07});
}

TEST_CASE("the COBA network sustains itself and fires at the rates that NEST finds") {
  const auto found = metrics_of("coba", {"simulation.duration=600", "statistics.after=200"});
  check_rate(figure(found, "rate_hz_excitatory"), {18.7, 2.1});
  check_rate(figure(found, "rate_hz_inhibitory"), {18.7, 0.76});
}

TEST_CASE("the CUBA network on the grid has the same spikes in both runtimes") {
  const Texts window{"simulation.duration=60", "statistics.after=0"};
  auto event = window;
  event.insert(event.end(), {"simulation.runtime=event", "simulation.grid=true"});
  const auto clock = metrics_of("cuba", window);
  CHECK(figure(clock, "rate_hz_excitatory") > 1.0);
  CHECK(*clock.at("digest") == *metrics_of("cuba", event).at("digest"));
}

}  // namespace
}  // namespace ranvier
