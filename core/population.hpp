#pragma once

/// A population: N neurons of one model, their parameters and their state as structure of arrays.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/parameter.hpp"

namespace ranvier {

/// Index of a neuron inside its population.
using NeuronId = std::uint32_t;

/// A half-open range of neurons.
struct NeuronRange {
  NeuronId begin = 0;
  NeuronId end = 0;

  std::size_t size() const noexcept { return end - begin; }
};

/// The values a user set: one for the whole population, or one per neuron. What is not named keeps
/// the model's default.
struct PopulationParameters {
  ValueMap common;
  std::map<std::string, std::vector<double>, std::less<>> per_neuron;
};

/// State variables of a population, one column per variable in the order the model declares them.
template <class Real>
struct PopulationState {
  std::size_t size = 0;
  std::vector<std::vector<Real>> columns;
};

}  // namespace ranvier
