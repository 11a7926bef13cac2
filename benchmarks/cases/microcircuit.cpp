/// The cortical microcircuit of Potjans & Diesmann 2014 at three sizes. The scale counts for neurons
/// and for the synapses onto each, as networks/circuits/potjans_diesmann.hpp compensates it.

#include <fmt/format.h>

#include "benchmarks/configured_case.hpp"

namespace ranvier {

std::vector<Case> microcircuit_cases() {
  std::vector<Case> cases;
  for (const double size : {0.1, 0.5, 1.0}) {
    cases.push_back(configured_case(
        {.name = fmt::format("microcircuit/{:.1f}", size),
         .summary =
             fmt::format("PD14, {:.0f} % of the neurons and of their in-degrees", size * 100),
         .configuration = "microcircuit",
         .overrides = [size](double scale) -> std::vector<std::string> {
           const double share = size * scale;
           return {fmt::format("circuit.potjans_diesmann.scale={}", share),
                   fmt::format("circuit.potjans_diesmann.indegree_scale={}", share)};
         }}));
  }
  return cases;
}

}  // namespace ranvier
