/// The `simulate` experiment: a network of populations, projections and devices runs for a while
/// and is recorded.

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include <fmt/format.h>

#include "core/connection_rule.hpp"
#include "core/error.hpp"
#include "core/simulation.hpp"
#include "experiments/config/read.hpp"
#include "experiments/experiment.hpp"
#include "experiments/memory.hpp"
#include "experiments/runner.hpp"
#include "experiments/simulate/outcome.hpp"
#include "experiments/simulate/plan.hpp"
#include "experiments/simulate/schema.hpp"

namespace ranvier {
namespace {

/// A lower bound of what the network will take: the state of every neuron and 8 bytes a synapse.
double least_memory(const Network& network) {
  double bytes = 0.0;
  for (const auto& population : network.populations()) {
    const auto& model = neuron_models().at(population.model);
    bytes += static_cast<double>(population.size * model.state.size() * sizeof(double));
  }
  constexpr double bytes_per_synapse = 8.0;
  for (std::size_t p = 0; p < network.projections().size(); ++p) {
    const auto& spec = network.projections()[p];
    const auto source = network.population_index(spec.source);
    const auto target = network.population_index(spec.target);
    bytes += bytes_per_synapse *
             spec.rule->expected_synapses({.sources = network.populations()[source].size,
                                           .targets = network.populations()[target].size,
                                           .same_population = source == target,
                                           .autapses = spec.autapses,
                                           .multapses = spec.multapses,
                                           .random = RandomStream(0, Purpose::connectivity)});
  }
  return bytes;
}

/// Threads that share a network of a few neurons wait for each other more than they work. The
/// result does not depend on their number.
unsigned useful_threads(const SimulationPlan& plan, unsigned asked) {
  if (plan.options.runtime == "event") return 1;
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

void run(const SimulationPlan& plan, RunContext& context) {
  require_memory(least_memory(plan.network), "the network");
  auto options = plan.options;
  options.threads = useful_threads(plan, context.options().threads);
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
  write_outcome(plan, simulation, seconds(), context.results());
}

Job read(const ConfigNode& root, std::uint64_t seed) {
  auto known = common_keys();
  known.insert(known.end(), simulate_keys().begin(), simulate_keys().end());
  root.allow_only(known);
  const auto plan = std::make_shared<const SimulationPlan>(read_plan(root, seed));
  return {.run = [plan](RunContext& context) { run(*plan, context); },
          .may_change = {"simulation.duration", "statistics", "checkpoint", "name"}};
}

const auto& registered = add_experiment(
    {.name = "simulate",
     .summary = "run a network of populations, projections and devices, and record it",
     .read = read,
     .schema = simulate_schema});

}  // namespace
}  // namespace ranvier
