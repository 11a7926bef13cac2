#pragma once

#include <string>

namespace ranvier::test {

/// A small recurrent network that Poisson spikes keep firing for 200 ms.
inline const std::string noisy_network = R"(
experiment: simulate
name: net
seed: 5
simulation: {duration: 200, resolution: 0.1}
populations:
  exc: {model: iaf_psc_exp, size: 300}
projections:
  - {source: exc, target: exc, rule: {fixed_indegree: {indegree: 20}}, weight: 25, delay: 2.0}
devices:
  noise: {model: poisson_generator, target: exc, parameters: {rate: 8000, weight: 40}}
)";

}  // namespace ranvier::test
