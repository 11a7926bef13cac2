/// Rare spikes in a large network (configs/sparse.yaml): 100,000 neurons, 1,000 synapses onto each,
/// half a spike a second. The scale counts for neurons and in-degrees.

#include <fmt/format.h>

#include "benchmarks/configured_case.hpp"

namespace ranvier {
namespace {

Case case_in(const std::string& name, const std::string& summary,
             const std::vector<std::string>& settings) {
  return configured_case(
      {.name = "sparse/" + name,
       .summary = "100,000 neurons, 1,000 synapses each, 0.5 Hz, " + summary,
       .configuration = "sparse",
       .overrides = [settings](double scale) {
         auto overrides = settings;
         overrides.insert(overrides.end(),
                          {scaled("populations.neuron.size", 100000.0, scale),
                           scaled("projections.1.rule.fixed_indegree.indegree", 800.0, scale),
                           scaled("projections.2.rule.fixed_indegree.indegree", 200.0, scale)});
         return overrides;
       }});
}

}  // namespace

std::vector<Case> sparse_cases() {
  return {case_in("grid", "event runtime on the grid", {"simulation.grid=true"}),
          case_in("event", "event runtime in continuous time", {"simulation.grid=false"}),
          case_in("clock", "clock runtime", {"simulation.runtime=clock", "simulation.grid=false"})};
}

}  // namespace ranvier
