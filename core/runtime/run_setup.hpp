#pragma once

/// What both runtimes make from a network before time starts: stimuli, recorders, initial states.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/archive.hpp"
#include "core/network.hpp"
#include "core/recording.hpp"
#include "core/runtime/runtime.hpp"

namespace ranvier {

/// Stimuli of a network, ready to be asked.
struct ActiveStimulus {
  std::unique_ptr<Stimulus> stimulus;
  std::size_t population;
  std::size_t port;
};

/// `digits`: bits of the sums that the stimuli add to.
std::vector<ActiveStimulus> make_stimuli(const Network& network, std::uint64_t seed,
                                         const TimeGrid& grid, int digits);

/// A state recorder with its names resolved.
struct ActiveRecorder {
  std::size_t population;
  std::vector<std::size_t> variables;
  std::vector<NeuronId> neurons;
  double interval;  ///< ms
  StateRecording data;
};

/// Throws UnknownName or InvalidValue for a recorder that does not fit the network.
std::vector<ActiveRecorder> make_recorders(const Network& network, const RecordingSpec& spec);

/// Forgets all samples.
void clear_recordings(std::vector<ActiveRecorder>& recorders);

/// Samples taken so far and totals, into a checkpoint under `prefix` and back. Loading throws
/// CorruptFile where they do not fit the recorders.
void save_recordings(const std::vector<ActiveRecorder>& recorders, const std::string& prefix,
                     Archive& archive);
void load_recordings(const Archive& archive, const std::string& prefix,
                     std::vector<ActiveRecorder>& recorders);
void save_totals(const RunCounters& counters, std::uint64_t digest, const std::string& prefix,
                 Archive& archive);
RunCounters load_totals(const Archive& archive, const std::string& prefix, SpikeDigest& digest);

/// Draws the initial values a population asks for into `state`, over its resting state. Float or
/// double.
template <class Real>
void draw_initial_state(const Network& network, std::size_t population, std::uint64_t seed,
                        PopulationState<Real>& state);

}  // namespace ranvier
