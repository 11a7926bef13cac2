#pragma once

/// What training makes small, and what it counts on the way.

#include <cstddef>

namespace ranvier {

/// Summed over samples.
struct Objective {
  double loss = 0.0;
  double penalty = 0.0;     ///< on the firing rates of the hidden layers
  std::size_t correct = 0;  ///< samples whose label has the highest score at the end
};

inline void add(const Objective& part, Objective& sum) {
  sum.loss += part.loss;
  sum.penalty += part.penalty;
  sum.correct += part.correct;
}

}  // namespace ranvier
