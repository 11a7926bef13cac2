#pragma once

/// Whether the clock runtime's workers are served by a thread each or all by one. Threads that meet
/// in every step of a small network lose more at the barrier, where one whose processor is taken away
/// stops the others, than they gain; how much depends on the machine and on who else uses it. So both
/// ways are timed, again and again, and the faster one is taken. Results do not depend on it.

#include <algorithm>
#include <array>

namespace ranvier {

class TeamChoice {
 public:
  /// Whether one thread serves all workers.
  bool alone() const { return alone_; }

  /// To be called by one thread, with what the last steps took; what `alone` says may change.
  void note(double seconds, double steps) {
    seconds_ += seconds;
    steps_ += steps;
    if (seconds_ < stint_) return;
    learn();
    choose();
    seconds_ = steps_ = 0.0;
  }

 private:
  static constexpr double trial = 8e-3;      ///< s, a stint of the way that is not preferred
  static constexpr double shortest = 20e-3;  ///< s, a stint of the other, at first
  static constexpr double longest = 1.28;    ///< s, after many trials that changed nothing
  static constexpr double memory = 50e-3;    ///< s, over which what a step takes is averaged
  static constexpr double unknown = -1.0;

  double& cost(bool alone) { return costs_[alone ? 1 : 0]; }

  /// What was known counts for less the longer ago it was learnt, which was before the last stint.
  void learn() {
    double& known = cost(alone_);
    const double measured = seconds_ / steps_;
    const double remembered = memory * shortest / std::max(last_stint_, shortest);
    const double share = known == unknown ? 1.0 : seconds_ / (seconds_ + remembered);
    known += share * (measured - known);
    last_stint_ = seconds_;
  }

  void choose() {
    const double together = cost(false), by_one = cost(true);
    if (together == unknown || by_one == unknown) {
      alone_ = !alone_;
      stint_ = trial;
      return;
    }
    const bool best = by_one < together;
    if (best != preferred_) {
      preferred_ = best;
      patience_ = shortest;
    } else if (alone_ != preferred_) {  // a trial that changed nothing
      patience_ = std::min(2.0 * patience_, longest);
    }
    // After a stint of the preferred way the other is tried, and after a trial the preferred goes on.
    const bool tries = alone_ == preferred_;
    alone_ = tries ? !preferred_ : preferred_;
    stint_ = tries ? trial : patience_;
  }

  bool alone_ = false, preferred_ = false;
  std::array<double, 2> costs_{unknown, unknown};  ///< s a step: together, by one
  double stint_ = trial, patience_ = shortest;     ///< s
  double last_stint_ = 0.0;                        ///< s, how long the one before this took
  double seconds_ = 0.0, steps_ = 0.0;             ///< of this stint
};

}  // namespace ranvier
