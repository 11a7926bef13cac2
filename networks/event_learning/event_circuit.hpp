#pragma once

/// A circuit that learns by events: inputs that spike at given times, populations of `iaf_psc_exp`
/// neurons, and projections of every neuron of one to every neuron of another. It may lead back on
/// itself, with a delay.
///
/// All synapses arrive at the port `excitatory`, whatever the sign of their weight, so that a weight
/// may pass through zero while it learns.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/network.hpp"
#include "core/parameter.hpp"
#include "neurons/iaf_psc_exp.hpp"

namespace ranvier {

struct CircuitPopulation {
  std::string name;
  std::size_t size = 0;
  ValueMap parameters{};  ///< of iaf_psc_exp, the same for all neurons
};

/// Initial weights in pA: a normal distribution.
struct InitialWeights {
  double mean = 0.0;
  double deviation = 0.0;
};

struct CircuitProjection {
  static constexpr std::size_t input = static_cast<std::size_t>(-1);

  std::size_t source = input;  ///< a population, or the input
  std::size_t target = 0;
  double delay = 0.0;  ///< ms
  InitialWeights initial{};
};

struct EventCircuit {
  std::size_t inputs = 0;
  double window = 0.0;  ///< ms that a sample is shown for
  std::vector<CircuitPopulation> populations{};
  std::vector<CircuitProjection> projections{};
};

/// Checks names, sizes, parameters, delays and that only projections with a delay lead back. Throws
/// UnknownName or InvalidValue with the name of the offender.
void validate(const EventCircuit& circuit);

/// The parameters of a population with the defaults of the model.
IafPscExp::Parameters parameters_of(const CircuitPopulation& population);

/// Neurons that a projection comes from.
std::size_t sources_of(const EventCircuit& circuit, const CircuitProjection& projection);

/// Where the weights of each projection begin in the flat array of all, and after them the number of
/// all: [projection][target][source].
std::vector<std::size_t> weight_offsets(const EventCircuit& circuit);

/// "input->hidden": what a projection is called in results and messages.
std::string name_of(const EventCircuit& circuit, const CircuitProjection& projection);

/// Weights in pA for the start of training, pure functions of the seed.
std::vector<float> initial_weights(const EventCircuit& circuit, std::uint64_t seed);

inline constexpr std::string_view circuit_input = "input";
inline constexpr std::string_view circuit_input_device = "input_spikes";

/// The circuit as a network to be run by any runtime. `weights` in pA, laid out by weight_offsets.
Network network_of(const EventCircuit& circuit, std::span<const double> weights);

}  // namespace ranvier
