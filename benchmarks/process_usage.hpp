#pragma once

/// What this process has used of the machine.

#include <chrono>

#include "benchmarks/case.hpp"

namespace ranvier {

/// Seconds of processor time of all threads so far.
double processor_seconds();

/// Bytes of the resident set (/proc/self/statm); freed memory is given back first, so that what
/// earlier work left does not count.
double resident_bytes();

/// Starts when made.
class Stopwatch {
 public:
  Stopwatch();
  Spent spent() const;

 private:
  std::chrono::steady_clock::time_point wall_;
  double processor_;
};

}  // namespace ranvier
