#include "benchmarks/configured_case.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "benchmarks/embedded.hpp"
#include "benchmarks/process_usage.hpp"
#include "core/error.hpp"
#include "core/simulation.hpp"
#include "core/suggest.hpp"
#include "experiments/config/document.hpp"
#include "experiments/memory.hpp"
#include "experiments/simulate/forecast.hpp"
#include "experiments/simulate/plan.hpp"

namespace ranvier {
namespace {

constexpr std::int64_t seed = 1;

std::vector<std::string> all_overrides(const ConfiguredCase& configured,
                                       const CaseSettings& settings) {
  auto overrides = configured.overrides(settings.scale);
  overrides.push_back(fmt::format("seed={}", seed));
  overrides.push_back(
      fmt::format("simulation.duration={}", settings.duration.value_or(configured.duration)));
  overrides.emplace_back("statistics.after=0");
  return overrides;
}

SimulationPlan plan_of(const ConfiguredCase& configured, const CaseSettings& settings) {
  auto document =
      ConfigDocument::from_text(std::string(configuration_text(configured.configuration)),
                                configured.configuration, all_overrides(configured, settings));
  auto plan = read_plan(ConfigNode(document), seed);
  document.require_valid();
  plan.options.threads = plan.options.runtime == "event" ? 1 : settings.threads;
  plan.states.clear();
  plan.spikes_of.clear();
  plan.weights_of.clear();
  return plan;
}

Measurement simulated(const SimulationPlan& plan, const CaseSettings& settings) {
  require_memory(forecast_of(plan, plan.options.threads).memory(), "the network",
                 std::numeric_limits<double>::infinity());
  Measurement found;
  const double before = resident_bytes();
  const Stopwatch build;
  Simulation simulation(plan.network, plan.options, plan.states, plan.spikes_of);
  found.build = build.spent();
  RunControl control;
  control.interrupted = settings.interrupted;
  const Stopwatch run;
  simulation.run(plan.duration, control);
  found.run = run.spent();
  found.resident_bytes = std::max(0.0, resident_bytes() - before);
  found.threads = plan.options.threads;
  found.biological_seconds = simulation.now() / 1000.0;
  found.neurons = simulation.network().neurons();
  found.synapses = simulation.synapses();
  found.events = simulation.counters().synaptic_events;
  found.digest = simulation.digest();
  return found;
}

}  // namespace

Case configured_case(ConfiguredCase configured) {
  auto name = configured.name;
  auto summary = configured.summary;
  return {.name = std::move(name),
          .summary = std::move(summary),
          .parameters = [configured](const CaseSettings& settings) -> nlohmann::ordered_json {
            return {{"configuration", configured.configuration},
                    {"set", all_overrides(configured, settings)}};
          },
          .measure =
              [configured](const CaseSettings& settings) {
                return simulated(plan_of(configured, settings), settings);
              }};
}

std::string_view configuration_text(std::string_view name) {
  std::vector<std::string> known;
  for (const auto& [known_name, bytes, size] : embedded::configurations()) {
    if (known_name == name) return {reinterpret_cast<const char*>(bytes), size};
    known.emplace_back(known_name);
  }
  throw UnknownName(
      fmt::format("unknown configuration '{}'{}", name, suggestion(std::string(name), known)));
}

std::string scaled(std::string_view key, double count, double scale) {
  return fmt::format("{}={}", key, std::max(std::llround(count * scale), 1LL));
}

}  // namespace ranvier
