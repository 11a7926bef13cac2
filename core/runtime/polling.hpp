#pragma once

#include <chrono>

#include "core/runtime/runtime.hpp"

namespace ranvier {

/// Calls a run's progress and interruption hooks often enough for people, seldom enough for speed.
class Polling {
 public:
  explicit Polling(const RunControl& control) : control_(control) {}

  /// To be called after every step or batch; says whether the user wants the run to end.
  bool interrupted(double now) {
    constexpr unsigned calls_per_look = 64;
    if (++calls_ % calls_per_look != 0) return false;
    const auto time = std::chrono::steady_clock::now();
    if (time - last_ < std::chrono::milliseconds(50)) return false;
    last_ = time;
    if (control_.progress) control_.progress(now);
    return control_.interrupted && control_.interrupted();
  }

 private:
  const RunControl& control_;
  unsigned calls_ = 0;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace ranvier
