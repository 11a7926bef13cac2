#include "benchmarks/process_usage.hpp"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

namespace ranvier {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

}  // namespace

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double resident_bytes() {
  malloc_trim(0);
  std::ifstream statm("/proc/self/statm");
  double whole_pages = 0.0, resident_pages = 0.0;
  statm >> whole_pages >> resident_pages;
  return resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

Stopwatch::Stopwatch() : wall_(std::chrono::steady_clock::now()), processor_(processor_seconds()) {}

Spent Stopwatch::spent() const {
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - wall_;
  return {.wall = wall.count(), .processor = processor_seconds() - processor_};
}

}  // namespace ranvier
