#pragma once

/// Numbers as a configuration gives them for many neurons or synapses: one number for all, a list of
/// one each, or a distribution to draw from.

#include <cstddef>
#include <string_view>

#include "core/population.hpp"
#include "core/value_source.hpp"
#include "experiments/config/node.hpp"
#include "experiments/config/schema.hpp"

namespace ranvier {

/// One number for all, `45.0`, or a distribution, `{normal: {mean: 45.0, std: 4.5}}`. Reports
/// anything else. `quantity` says what is asked for: bounds hold for a plain number.
ValueSourcePtr read_source(const ConfigNode& node, const Parameter& quantity);

/// The same, or a list of numbers: as many as there are synapses, which the network checks, or
/// neurons.
ValueSourcePtr read_source_or_list(const ConfigNode& node, const Parameter& quantity);
ValueSourcePtr read_source_per_neuron(const ConfigNode& node, const Parameter& quantity,
                                      std::size_t size);

/// The parameters of a population's model: each one number, a list of one per neuron, or a
/// distribution, drawn from `stream` by neuron with the parameter's position as its owner.
PopulationParameters read_model_parameters(const ConfigNode& map,
                                           std::span<const Parameter> parameters, std::size_t size,
                                           std::uint64_t seed, std::size_t population);

/// Schema of a number or distribution, and of a number, list or distribution.
Schema schema_of_source(const Parameter& quantity);
Schema schema_of_source_or_list(const Parameter& quantity);

}  // namespace ranvier
