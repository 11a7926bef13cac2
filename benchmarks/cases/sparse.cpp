/// Rare spikes in a large network (configs/sparse.yaml): 100,000 neurons, 1,000 synapses onto each,
/// half a spike a second. The scale counts for neurons and in-degrees.

#include <fmt/format.h>

#include "benchmarks/configured_case.hpp"

namespace ranvier {
namespace {

Case case_in(const std::string& runtime) {
  return configured_case(
      {.name = "sparse/" + runtime,
       .summary = "100,000 neurons, 1,000 synapses each, 0.5 Hz, runtime " + runtime,
       .configuration = "sparse",
       .overrides = [runtime](double scale) -> std::vector<std::string> {
         return {scaled("populations.excitatory.size", 80000.0, scale),
                 scaled("populations.inhibitory.size", 20000.0, scale),
                 scaled("projections.0.rule.fixed_indegree.indegree", 800.0, scale),
                 scaled("projections.1.rule.fixed_indegree.indegree", 800.0, scale),
                 scaled("projections.2.rule.fixed_indegree.indegree", 200.0, scale),
                 scaled("projections.3.rule.fixed_indegree.indegree", 200.0, scale),
                 "simulation.runtime=" + runtime};
       }});
}

}  // namespace

std::vector<Case> sparse_cases() { return {case_in("event"), case_in("clock")}; }

}  // namespace ranvier
