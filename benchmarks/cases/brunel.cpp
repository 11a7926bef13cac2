/// The sparsely connected network of Brunel 2000 (configs/brunel.yaml and, plastic,
/// configs/brunel_stdp.yaml): 12,500 neurons, 15.6 million
/// synapses. At another scale neurons and in-degrees shrink and weights stay, so its activity is
/// another.

#include <fmt/format.h>

#include "benchmarks/configured_case.hpp"

namespace ranvier {
namespace {

constexpr double excitatory = 10000.0, inhibitory = 2500.0;
constexpr double excitatory_indegree = 1000.0, inhibitory_indegree = 250.0;

/// The network at a scale.
std::vector<std::string> network_at(double scale) {
  const auto indegree = [&](int projection, double count) {
    return scaled(fmt::format("projections.{}.rule.fixed_indegree.indegree", projection), count,
                  scale);
  };
  return {scaled("populations.excitatory.size", excitatory, scale),
          scaled("populations.inhibitory.size", inhibitory, scale),
          indegree(0, excitatory_indegree),
          indegree(1, excitatory_indegree),
          indegree(2, inhibitory_indegree),
          indegree(3, inhibitory_indegree)};
}

Case static_case() {
  return configured_case({.name = "brunel/static",
                          .summary = "Brunel 2000, 12,500 neurons, static synapses",
                          .configuration = "brunel",
                          .overrides = network_at});
}

Case plastic_case() {
  return configured_case({.name = "brunel/plastic",
                          .summary = "the same with pair STDP of its excitatory synapses",
                          .configuration = "brunel_stdp",
                          .overrides = network_at});
}

}  // namespace

std::vector<Case> brunel_cases() { return {static_case(), plastic_case()}; }

}  // namespace ranvier
