#pragma once

/// Spikes, traces and synapses in the SONATA layout of the Allen Institute and the Blue Brain
/// Project (SONATA developer guide, version 0.1; Dai et al. 2020, PLoS Comput. Biol. 16:e1007696).

#include <string_view>
#include <vector>

#include "core/files/hdf5.hpp"
#include "core/recording.hpp"

namespace ranvier {

/// Root attributes every SONATA file bears: `magic` and `version`.
void mark_as_sonata(hdf5::Group& root);

/// /spikes/<population>/{timestamps, node_ids}, in order of (time, neuron).
void write_spikes(hdf5::Group& root, std::string_view population, const SpikeTrain& train);

/// Bytes that the functions of this file write, before compression: of each spike, of each synapse,
/// and of a trace beside what belongs to the file's structure.
inline constexpr double bytes_per_spike = sizeof(double) + sizeof(std::uint64_t);
inline constexpr double bytes_per_edge =
    3.0 * sizeof(std::uint64_t) + 2.0 * sizeof(std::int32_t) + 2.0 * sizeof(double);
inline double trace_bytes(double samples, double neurons) {
  return samples * neurons * sizeof(double) +
         neurons * (2.0 * sizeof(std::uint64_t) + sizeof(std::uint32_t));
}

/// Reads what `write_spikes` and other writers of SONATA leave, in any order; the result is in order
/// of (time, neuron). Throws CorruptFile where the two arrays do not belong together.
SpikeTrain read_spikes(const hdf5::Group& root, std::string_view population);

/// One state variable over time.
struct Trace {
  std::string_view variable;
  std::string_view unit;
  const std::vector<NeuronId>& neurons;
  double interval;                    ///< ms
  const std::vector<double>& times;   ///< ms
  const std::vector<double>& values;  ///< [time][neuron]
};

/// <folder>/{data, mapping/node_ids, mapping/index_pointers, mapping/element_ids, mapping/time}:
/// the content of a SONATA report of one population. `data` is (time, neuron), in double precision.
void write_trace(hdf5::Group& root, std::string_view folder, const Trace& trace);

/// Synapses of one projection, one entry each.
struct EdgeTable {
  std::string_view source;  ///< population
  std::string_view target;  ///< population
  std::vector<std::uint64_t> source_ids;
  std::vector<std::uint64_t> target_ids;
  std::vector<double> weights;
  std::vector<double> delays;  ///< ms
};

/// /edges/<projection>/{source_node_id, target_node_id, 0/syn_weight, 0/delay, ...}.
void write_edges(hdf5::Group& root, std::string_view projection, const EdgeTable& edges);

}  // namespace ranvier
