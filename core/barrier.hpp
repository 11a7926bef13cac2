#pragma once

/// A barrier for steps of microseconds on machines whose cores may be taken away: it spins briefly,
/// then yields the processor.

#include <atomic>
#include <thread>

namespace ranvier {

class Barrier {
 public:
  explicit Barrier(unsigned parties) : parties_(parties) {}

  void wait() {
    const unsigned round = round_.load(std::memory_order_acquire);
    if (waiting_.fetch_add(1, std::memory_order_acq_rel) + 1 == parties_) {
      waiting_.store(0, std::memory_order_relaxed);
      round_.fetch_add(1, std::memory_order_acq_rel);
      return;
    }
    constexpr int spins_before_yield = 2000;
    for (int spins = 0; round_.load(std::memory_order_acquire) == round; ++spins) {
      if (spins >= spins_before_yield) std::this_thread::yield();
    }
  }

 private:
  unsigned parties_;
  std::atomic<unsigned> waiting_{0};
  std::atomic<unsigned> round_{0};
};

}  // namespace ranvier
