#include "experiments/command_line/interruption.hpp"

#include <unistd.h>

namespace ranvier {
namespace {

volatile std::sig_atomic_t signals_seen = 0;

void remember(int) {
  constexpr int killed_by_interrupt = 130;
  if (signals_seen != 0) _exit(killed_by_interrupt);
  signals_seen = 1;
}

}  // namespace

Interruption::Interruption() {
  signals_seen = 0;
  struct sigaction action {};
  action.sa_handler = remember;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &earlier_int_);
  sigaction(SIGTERM, &action, &earlier_term_);
}

Interruption::~Interruption() {
  sigaction(SIGINT, &earlier_int_, nullptr);
  sigaction(SIGTERM, &earlier_term_, nullptr);
}

bool Interruption::requested() const noexcept { return signals_seen != 0; }

}  // namespace ranvier
