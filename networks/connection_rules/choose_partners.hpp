#pragma once

/// Drawing the partners of one neuron: with repetition, or all different.

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "core/connection_rule.hpp"
#include "core/error.hpp"
#include "networks/connection_rules/synapse_batch.hpp"
#include "networks/connection_rules/word_blocks.hpp"

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
    const std::uint32_t candidates = population_ - (skips_itself ? 1 : 0);
    WordBlocks words(problem_.random, neuron);
    if (problem_.multapses) {
      choose_any(words, candidates, count);
    } else {
      choose_different(words, candidates, static_cast<std::uint32_t>(count));
    }
    if (skips_itself) {
      for (auto& partner : chosen_) partner += partner >= neuron ? 1 : 0;
    }
    return chosen_;
  }

 private:
  void choose_any(WordBlocks& words, std::uint32_t candidates, std::uint64_t count) {
    const Below below(candidates);
    // A block may yield more than is still wanted.
    chosen_.resize(count + sizeof(WordBlocks::Words) / sizeof(std::uint32_t));
    std::uint64_t size = 0;
    while (size < count) {
      for (const auto& lane : words.next()) size += draw_all(below, lane, chosen_.data() + size);
    }
    chosen_.resize(count);
  }

  /// The outcomes of the words that are accepted, nearly always all; returns how many.
  static std::size_t draw_all(const Below& below,
                              const std::array<std::uint32_t, WordBlocks::lanes>& words,
                              NeuronId* out) {
    std::uint32_t doubtful = 0;
    for (std::size_t k = 0; k < words.size(); ++k) {
      out[k] = below(words[k]);
      doubtful |= words[k] * below.n < below.n ? 1u : 0u;
    }
    if (doubtful == 0) return words.size();
    std::size_t size = 0;
    for (const auto word : words) {
      if (below.accepts(word)) out[size++] = below(word);
    }
    return size;
  }

  void choose_different(WordBlocks& words, std::uint32_t candidates, std::uint32_t count) {
    chosen_.clear();
    std::uint32_t last = candidates - count;
    while (last < candidates) {
      for (const auto& lane : words.next()) {
        for (std::size_t k = 0; k < lane.size() && last < candidates; ++k) {
          const Below below(last + 1);
          if (below.accepts(lane[k])) take(below(lane[k]), last++);
        }
      }
    }
    for (const auto partner : chosen_) taken_[partner] = false;
  }

  /// One step of Floyd's algorithm: `drawn` is below or at `last`, and `last` was never drawn.
  void take(NeuronId drawn, NeuronId last) {
    const auto partner = taken_[drawn] ? last : drawn;
    taken_[partner] = true;
    chosen_.push_back(partner);
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
