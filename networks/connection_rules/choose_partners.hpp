#pragma once

/// Drawing the partners of one neuron: with repetition, or all different.

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "core/connection_rule.hpp"
#include "core/error.hpp"
#include "networks/connection_rules/synapse_batch.hpp"

namespace ranvier {

/// Draws `count` partners of `neuron` among `population` into `chosen`, in the order drawn. Without
/// multapses by Floyd's algorithm (Bentley & Floyd 1987, CACM 30:754-757): `count` draws, no retries.
class PartnerChooser {
 public:
  PartnerChooser(const ConnectionProblem& problem, std::size_t population)
      : problem_(problem), population_(static_cast<std::uint32_t>(population)) {
    if (!problem.multapses) taken_.assign(population, false);
  }

  const std::vector<NeuronId>& choose(NeuronId neuron, std::uint64_t count) {
    const bool skips_itself = problem_.same_population && !problem_.autapses;
    auto draws = problem_.random.at(neuron, 0);
    const std::uint32_t candidates = population_ - (skips_itself ? 1 : 0);
    chosen_.clear();
    if (problem_.multapses) {
      for (std::uint64_t k = 0; k < count; ++k) chosen_.push_back(draws.below(candidates));
    } else {
      choose_different(draws, candidates, static_cast<std::uint32_t>(count));
    }
    if (skips_itself) {
      for (auto& partner : chosen_) partner += partner >= neuron ? 1 : 0;
    }
    return chosen_;
  }

 private:
  void choose_different(Draws& draws, std::uint32_t candidates, std::uint32_t count) {
    for (std::uint32_t last = candidates - count; last < candidates; ++last) {
      const auto drawn = draws.below(last + 1);
      const auto partner = taken_[drawn] ? last : drawn;
      taken_[partner] = true;
      chosen_.push_back(partner);
    }
    for (const auto partner : chosen_) taken_[partner] = false;
  }

  const ConnectionProblem& problem_;
  std::uint32_t population_;
  std::vector<NeuronId> chosen_;
  std::vector<bool> taken_;
};

/// Throws InvalidValue where a neuron cannot have `degree` partners in a population.
inline void check_degree(const ConnectionProblem& problem, std::uint64_t degree,
                         std::size_t population, std::string_view what, std::string_view where) {
  const auto candidates = partners(problem, population);
  if (degree == 0 || (problem.multapses ? candidates > 0 : degree <= candidates)) return;
  throw InvalidValue(
      fmt::format("{} asks for an {} of {}{}; expected at most {}, the neurons there "
                  "are to choose from",
                  where, what, degree, problem.multapses ? "" : " without multapses", candidates));
}

}  // namespace ranvier
