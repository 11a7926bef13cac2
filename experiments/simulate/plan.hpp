#pragma once

/// What `experiment: simulate` reads from a configuration.

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "core/network.hpp"
#include "core/recording.hpp"
#include "core/runtime/precision.hpp"
#include "core/runtime/runtime.hpp"
#include "experiments/config/node.hpp"

namespace ranvier {

/// Section `statistics`: over which part of a run, and how, rates, irregularity and correlation of
/// the recorded populations are measured.
struct StatisticsSection {
  double after = 0.0;
  double bin = 2.0;
  std::int64_t correlation_neurons = 200;

  static std::vector<Field<StatisticsSection>> fields() {
    using P = StatisticsSection;
    return {real("after", &P::after, "ms", non_negative,
                 "spikes up to here are left out of the statistics: the transient"),
            real("bin", &P::bin, "ms", positive, "bins of the spike counts that are correlated"),
            integer("correlation_neurons", &P::correlation_neurons,
                    {.lower = 2.0, .upper = std::numeric_limits<NeuronId>::max()},
                    "neurons of each population among which correlations are averaged, at most")};
  }
};

struct SimulationPlan {
  Network network{};
  std::size_t listed_projections = 0;  ///< those of the configuration, behind those of a circuit
  SimulationOptions options{};
  double duration = 0.0;          ///< ms
  double checkpoint_every = 0.0;  ///< ms; 0: only when interrupted
  bool keep_checkpoint = false;   ///< of the end, beside the results
  std::vector<StateRecorderSpec> states{};
  std::vector<std::string> spikes_of{};   ///< populations
  std::vector<std::string> weights_of{};  ///< projections
  StatisticsSection statistics{};
};

/// Section `simulation`.
struct TimeSection {
  int runtime = 0;
  double duration = 1000.0;
  double resolution = 0.1;
  bool grid = false;
  int precision = 0;

  static std::vector<Field<TimeSection>> fields() {
    return {
        choice("runtime", &TimeSection::runtime, {"clock", "event"},
               "clock: fixed steps; event: neurons move only when an event touches them"),
        real("duration", &TimeSection::duration, "ms", non_negative, "biological time to simulate"),
        real("resolution", &TimeSection::resolution, "ms", positive,
             "step of the clock runtime, grid of the event runtime"),
        boolean("grid", &TimeSection::grid,
                "spikes of the event runtime fall on the grid of the resolution; otherwise its "
                "time is continuous"),
        choice("precision", &TimeSection::precision, {precisions.begin(), precisions.end()},
               "of states and sums; automatic: single in the clock runtime, double in the event "
               "runtime, which has no other"),
    };
  }
};

/// Section `checkpoint`.
struct CheckpointSection {
  double every = 0.0;
  bool keep = false;

  static std::vector<Field<CheckpointSection>> fields() {
    return {real("every", &CheckpointSection::every, "ms", non_negative,
                 "biological time between checkpoints; 0: only when the run is interrupted"),
            boolean("keep", &CheckpointSection::keep,
                    "leave the state at the end as checkpoint.h5 beside the results, to branch "
                    "from it or to go on")};
  }
};

/// Keys of one population beside `parameters` and `initial`.
struct PopulationKeys {
  std::string model;
  std::int64_t size = 1;

  static std::vector<Field<PopulationKeys>> fields() {
    return {text("model", &PopulationKeys::model, "neuron model"),
            integer("size", &PopulationKeys::size,
                    {.lower = 1.0, .upper = std::numeric_limits<NeuronId>::max()},
                    "number of neurons")};
  }
};

/// Keys of one projection beside `rule`, `weight`, `delay` and `plasticity`.
struct ProjectionKeys {
  std::string source;
  std::string target;
  std::string name;
  std::string port;
  bool autapses = true;
  bool multapses = true;

  static std::vector<Field<ProjectionKeys>> fields() {
    return {text("source", &ProjectionKeys::source, "population the synapses come from"),
            text("target", &ProjectionKeys::target, "population the synapses lead to"),
            text("name", &ProjectionKeys::name, "empty: source->target"),
            text("port", &ProjectionKeys::port,
                 "port of the target's model; empty: chosen by the sign of the weight"),
            boolean("autapses", &ProjectionKeys::autapses, "a neuron may connect to itself"),
            boolean("multapses", &ProjectionKeys::multapses,
                    "a pair of neurons may be connected more than once")};
  }
};

/// Keys of one device beside `parameters` and `spike_times`.
struct DeviceKeys {
  std::string model;
  std::string target;
  std::string port;

  static std::vector<Field<DeviceKeys>> fields() {
    return {text("model", &DeviceKeys::model, "device model"),
            text("target", &DeviceKeys::target, "population it acts on"),
            text("port", &DeviceKeys::port, "port of the target's model; empty: the device's own")};
  }
};

/// Keys of one state recorder beside `variables` and `neurons`.
struct StateKeys {
  std::string population;
  double interval = 1.0;

  static std::vector<Field<StateKeys>> fields() {
    return {text("population", &StateKeys::population, "population to record from"),
            real("interval", &StateKeys::interval, "ms", positive, "time between samples")};
  }
};

/// Reads the whole configuration of a simulation; reports problems to its document.
SimulationPlan read_plan(const ConfigNode& root, std::uint64_t seed);

}  // namespace ranvier
