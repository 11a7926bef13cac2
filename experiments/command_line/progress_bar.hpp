#pragma once

/// One line on a terminal that tells how far a run is.

#include <chrono>
#include <cstdio>
#include <string>

#include "experiments/experiment.hpp"

namespace ranvier {

/// Draws on the error stream of the process, where that is a terminal, and only for stages of more
/// than a second; the line is wiped when the bar goes.
class ProgressBar {
 public:
  explicit ProgressBar(bool wanted);
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar() { wipe(); }

  void show(const Progress& progress);
  void wipe();

 private:
  using Clock = std::chrono::steady_clock;

  bool enabled_;
  bool drawn_ = false;
  std::string stage_;
  Clock::time_point began_ = Clock::now();
  Clock::time_point last_{};
};

/// "simulating [#####     ] 50 %, 1200 of 2400 ms, 12 s left"; `elapsed` in seconds since the stage
/// began.
std::string progress_line(const Progress& progress, double elapsed);

}  // namespace ranvier
