#pragma once

/// Ctrl-C and SIGTERM as a question a run can ask.

#include <csignal>

namespace ranvier {

/// While it lives, the first SIGINT or SIGTERM is remembered and a second ends the process at once.
class Interruption {
 public:
  Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  ~Interruption();

  bool requested() const noexcept;

 private:
  struct sigaction earlier_int_ {};
  struct sigaction earlier_term_ {};
};

}  // namespace ranvier
