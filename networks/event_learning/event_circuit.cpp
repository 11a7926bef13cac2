#include "networks/event_learning/event_circuit.hpp"

#include <cmath>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/random.hpp"
#include "networks/connection_rules.hpp"
#include "networks/distribution.hpp"

namespace ranvier {
namespace {

std::string_view source_name(const EventCircuit& circuit, const CircuitProjection& projection) {
  if (projection.source == CircuitProjection::input) return circuit_input;
  return circuit.populations[projection.source].name;
}

void check_population(const CircuitPopulation& population) {
  if (population.size == 0) {
    throw InvalidValue(
        fmt::format("population '{}' has no neurons; expected at least one", population.name));
  }
  parameters_of(population).validate(fmt::format("population '{}'", population.name));
}

void check_projection(const EventCircuit& circuit, const CircuitProjection& projection) {
  const auto populations = circuit.populations.size();
  const bool from_input = projection.source == CircuitProjection::input;
  if (projection.target >= populations || (!from_input && projection.source >= populations)) {
    throw InvalidValue(
        fmt::format("a projection leads from population {} to population {}; expected one of {}",
                    projection.source, projection.target, populations));
  }
  if (projection.delay >= 0.0 && std::isfinite(projection.delay)) return;
  throw InvalidValue(fmt::format("the delay of projection '{}' is {} ms; expected at least 0 ms",
                                 name_of(circuit, projection), projection.delay));
}

}  // namespace

void validate(const EventCircuit& circuit) {
  if (circuit.inputs == 0) throw InvalidValue("the circuit has no inputs; expected at least one");
  if (circuit.populations.empty()) {
    throw InvalidValue("the circuit has no populations; expected at least one");
  }
  if (!(circuit.window > 0.0 && std::isfinite(circuit.window))) {
    throw InvalidValue(fmt::format("the window is {} ms; expected more than 0 ms", circuit.window));
  }
  for (const auto& population : circuit.populations) check_population(population);
  for (const auto& projection : circuit.projections) check_projection(circuit, projection);
  const std::vector<double> zeros(weight_offsets(circuit).back());
  static_cast<void>(levels_of(network_of(circuit, zeros)));
}

IafPscExp::Parameters parameters_of(const CircuitPopulation& population) {
  return configured<IafPscExp::Parameters>(population.parameters,
                                           fmt::format("population '{}'", population.name));
}

std::size_t sources_of(const EventCircuit& circuit, const CircuitProjection& projection) {
  return projection.source == CircuitProjection::input
             ? circuit.inputs
             : circuit.populations[projection.source].size;
}

std::vector<std::size_t> weight_offsets(const EventCircuit& circuit) {
  std::vector<std::size_t> offsets{0};
  for (const auto& projection : circuit.projections) {
    offsets.push_back(offsets.back() + sources_of(circuit, projection) *
                                           circuit.populations[projection.target].size);
  }
  return offsets;
}

std::string name_of(const EventCircuit& circuit, const CircuitProjection& projection) {
  return fmt::format("{}->{}", source_name(circuit, projection),
                     circuit.populations[projection.target].name);
}

std::vector<float> initial_weights(const EventCircuit& circuit, std::uint64_t seed) {
  const auto offsets = weight_offsets(circuit);
  std::vector<float> weights(offsets.back());
  for (std::size_t q = 0; q < circuit.projections.size(); ++q) {
    const auto& initial = circuit.projections[q].initial;
    const RandomStream stream(seed, Purpose::initial_weights, static_cast<std::uint32_t>(q));
    for (std::size_t k = offsets[q]; k < offsets[q + 1]; ++k) {
      weights[k] = static_cast<float>(initial.mean +
                                      initial.deviation * stream.at(0, k - offsets[q]).normal());
    }
  }
  return weights;
}

Network network_of(const EventCircuit& circuit, std::span<const double> weights) {
  const auto offsets = weight_offsets(circuit);
  if (weights.size() != offsets.back()) {
    throw InvalidValue(fmt::format("the circuit is given {} weights; expected {}", weights.size(),
                                   offsets.back()));
  }
  Network network;
  const std::string relays(circuit_input);
  network.add(PopulationSpec{.name = relays, .model = "parrot", .size = circuit.inputs});
  network.add(StimulusSpec{.name = std::string(circuit_input_device),
                           .model = "spike_generator",
                           .target = relays,
                           .spike_times = std::vector<std::vector<double>>(circuit.inputs)});
  for (const auto& population : circuit.populations) {
    network.add(PopulationSpec{.name = population.name,
                               .model = std::string(IafPscExp::info.name),
                               .size = population.size,
                               .parameters = {.common = population.parameters, .per_neuron = {}}});
  }
  for (std::size_t q = 0; q < circuit.projections.size(); ++q) {
    const auto& projection = circuit.projections[q];
    const auto own = weights.subspan(offsets[q], offsets[q + 1] - offsets[q]);
    network.add(ProjectionSpec{.source = std::string(source_name(circuit, projection)),
                               .target = circuit.populations[projection.target].name,
                               .rule = connection_rule("all_to_all"),
                               .weight = listed_values({own.begin(), own.end()}),
                               .delay = constant_value(projection.delay),
                               .port = "excitatory"});
  }
  return network;
}

}  // namespace ranvier
