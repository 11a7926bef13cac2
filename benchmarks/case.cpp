#include "benchmarks/case.hpp"

#include <algorithm>
#include <iterator>

namespace ranvier {

std::vector<Case> benchmark_cases() {
  std::vector<Case> all;
  for (const auto family : {microcircuit_cases, brunel_cases, vogels_abbott_cases, sparse_cases,
                            construction_cases, queue_cases, memory_cases}) {
    std::ranges::move(family(), std::back_inserter(all));
  }
  return all;
}

}  // namespace ranvier
