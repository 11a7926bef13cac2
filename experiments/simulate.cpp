/// The `simulate` experiment: a network of populations, projections and devices runs for a while
/// and is recorded.

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/simulation.hpp"
#include "experiments/config/read.hpp"
#include "experiments/experiment.hpp"
#include "experiments/memory.hpp"
#include "experiments/runner.hpp"
#include "experiments/simulate/forecast.hpp"
#include "experiments/simulate/outcome.hpp"
#include "experiments/simulate/plan.hpp"
#include "experiments/simulate/schema.hpp"
#include "experiments/simulate/time_forecast.hpp"
#include "experiments/spike_statistics.hpp"

namespace ranvier {
namespace {

/// Threads that share a network of a few neurons wait for each other more than they work. The
/// result does not depend on their number.
unsigned useful_threads(const SimulationPlan& plan, unsigned asked, bool exactly) {
  if (plan.options.runtime == "event") return 1;
  if (exactly) return asked;
  constexpr std::size_t fewest_neurons = 250;
  const auto most = std::max<std::size_t>(1, plan.network.neurons() / fewest_neurons);
  return static_cast<unsigned>(std::min<std::size_t>(asked, most));
}

/// A stretch that ends exactly at `end`: now + (end - now) may miss it by a rounding.
double stretch_to(double end, double now) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  double stretch = end - now;
  while (now + stretch < end) stretch = std::nextafter(stretch, infinity);
  while (now + stretch > end) stretch = std::nextafter(stretch, -infinity);
  return stretch;
}

/// The next checkpoint after `now`, or the end.
double next_stop(const SimulationPlan& plan, double now) {
  if (!(plan.checkpoint_every > 0.0)) return plan.duration;
  const double passed = std::floor(now / plan.checkpoint_every + 1e-9);
  const double next = (passed + 1.0) * plan.checkpoint_every;
  return std::min(next, plan.duration);
}

Archive saved(const Simulation& simulation, double run_seconds) {
  auto archive = simulation.save();
  archive.put("simulate/run_seconds", std::vector<double>{run_seconds});
  return archive;
}

/// Silence and rates that no neuron reaches are mostly mistakes in the configuration.
void warn_of_rates(const Simulation& simulation, RunContext& context) {
  if (!(simulation.now() > 0.0)) return;
  if (simulation.counters().spikes == 0) {
    context.warn(fmt::format("no neuron fired in {} ms", simulation.now()));
  }
  constexpr double highest_hz = 1000.0;
  for (const auto& population : simulation.network().populations()) {
    const auto rate =
        mean_rate_hz(simulation.spike_count(population.name), population.size, simulation.now());
    if (!rate || !(*rate > highest_hz)) continue;
    context.warn(
        fmt::format("population '{}' fires at {:.0f} Hz on average; expected at most {:.0f} "
                    "Hz: its input is too strong or its recurrence runs away",
                    population.name, *rate, highest_hz));
  }
}

/// Structure, and with it the seed that draws it, stays. The event runtime has drawn the next
/// arrival of every device and the next spike of every neuron already, so they stay as well there.
std::vector<std::string> keys_of_a_branch(const SimulationPlan& plan) {
  std::vector<std::string> keys{"simulation.duration", "checkpoint", "name"};
  // Weights of a plastic projection come from the checkpoint. Those of a circuit have no key, and
  // projections count from behind them.
  const auto& projections = plan.network.projections();
  const auto of_circuit = projections.size() - plan.listed_projections;
  for (std::size_t k = 0; k < plan.listed_projections; ++k) {
    if (projections[of_circuit + k].plasticity) continue;
    keys.push_back(fmt::format("projections.{}.weight", k));
  }
  if (plan.options.runtime == "clock") {
    keys.insert(keys.end(), {"devices", "populations.*.parameters"});
  }
  return keys;
}

void run(const SimulationPlan& plan, RunContext& context) {
  auto options = plan.options;
  options.threads =
      useful_threads(plan, context.options().threads, context.options().exact_threads);
  require_memory(forecast_of(plan, options.threads).memory(), "the network",
                 context.options().memory_limit);
  Simulation simulation(plan.network, options, plan.states, plan.spikes_of);
  context.results().metrics.set("threads", static_cast<std::int64_t>(options.threads));
  context.log(fmt::format("{} neurons, {} synapses built in {:.3f} s, {} threads",
                          simulation.network().neurons(), simulation.synapses(),
                          simulation.build_seconds(), options.threads));
  double earlier_seconds = 0.0;
  if (const auto* archive = context.resumed()) {
    simulation.load(*archive);
    earlier_seconds = archive->get<double>("simulate/run_seconds", 1)[0];
    if (simulation.now() > plan.duration) {
      throw InvalidValue(fmt::format(
          "simulation.duration is {} ms; expected at least {} ms, the time of the checkpoint",
          plan.duration, simulation.now()));
    }
  }
  const auto seconds = [&] { return earlier_seconds + simulation.run_seconds(); };
  RunControl control;
  control.interrupted = context.options().interrupted;
  if (context.options().progress) {
    control.progress = [&](double now) {
      context.options().progress({"simulating", now, plan.duration, "ms"});
    };
  }
  while (simulation.now() < plan.duration) {
    const double stop = next_stop(plan, simulation.now());
    try {
      simulation.run(stretch_to(stop, simulation.now()), control);
    } catch (const Interrupted&) {
      context.keep_checkpoint(saved(simulation, seconds()));
      throw;
    }
    if (stop < plan.duration) context.keep_checkpoint(saved(simulation, seconds()));
  }
  warn_of_rates(simulation, context);
  if (plan.keep_checkpoint) context.leave_checkpoint(saved(simulation, seconds()));
  write_outcome(plan, simulation, seconds(), context.results());
}

Job read(const ConfigNode& root, std::uint64_t seed) {
  auto known = common_keys();
  known.insert(known.end(), simulate_keys().begin(), simulate_keys().end());
  root.allow_only(known);
  const auto plan = std::make_shared<const SimulationPlan>(read_plan(root, seed));
  return {.run = [plan](RunContext& context) { run(*plan, context); },
          .may_change = {"simulation.duration", "statistics", "checkpoint", "name"},
          .may_branch = keys_of_a_branch(*plan),
          .forecast =
              [plan](unsigned threads) {
                const auto useful = useful_threads(*plan, threads, false);
                const auto forecast = forecast_of(*plan, useful);
                return to_text(forecast) + to_text(probe_costs(*plan, forecast), useful);
              }};
}

const auto& registered = add_experiment(
    {.name = "simulate",
     .summary = "run a network of populations, projections and devices, and record it",
     .read = read,
     .schema = simulate_schema});

}  // namespace
}  // namespace ranvier
