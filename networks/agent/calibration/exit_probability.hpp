#pragma once

/// The probability that an answer is right, given when a rule gave it and with which score. Scores
/// of exits were selected for being large, so they are no probabilities even where scores at a
/// fixed time are; this map is learnt from exits themselves.
///
/// Exits are put in the order of their time and cut into groups of at least `smallest_group`, none
/// of which splits equal times; within a group the probability is the isotonic regression of being
/// right on the score. Our reading of "map (tau, score) to accuracy", after B. Zadrozny, C. Elkan,
/// KDD 2002 (isotonic calibration).

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "networks/agent/calibration/isotonic.hpp"

namespace ranvier::agent {

class ExitProbability {
 public:
  /// Few enough to follow the time, many enough that a share is known to about 0.05.
  static constexpr std::size_t smallest_group = 100;

  /// For exits [N]. Throws InvalidValue for none or for spans of unequal length.
  ExitProbability(std::span<const double> time, std::span<const double> score,
                  std::span<const std::uint8_t> correct);

  /// Between 0 and 1. A time between two groups belongs to the earlier.
  double at(double time, double score) const;

  std::size_t groups() const noexcept { return groups_.size(); }

 private:
  struct Group {
    double from;  ///< smallest time
    Isotonic accuracy;
  };
  std::vector<Group> groups_;
};

}  // namespace ranvier::agent
