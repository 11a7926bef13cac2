#include "experiments/memory.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <limits>
#include <optional>

#include <fmt/format.h>

namespace ranvier {
namespace {

constexpr double unlimited = std::numeric_limits<double>::infinity();

double available_on_machine() {
  std::ifstream info("/proc/meminfo");
  std::string key;
  double kibibytes = 0.0;
  while (info >> key >> kibibytes) {
    if (key == "MemAvailable:") return kibibytes * 1024.0;
    info.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return unlimited;
}

std::optional<double> number_in(const char* file) {
  std::ifstream stream(file);
  double number = 0.0;
  if (stream >> number) return number;
  return std::nullopt;
}

/// Control groups, version 2; "max" reads as no number.
double available_in_group() {
  const auto limit = number_in("/sys/fs/cgroup/memory.max");
  const auto used = number_in("/sys/fs/cgroup/memory.current");
  return limit && used ? std::max(0.0, *limit - *used) : unlimited;
}

}  // namespace

double available_memory() { return std::min(available_on_machine(), available_in_group()); }

std::string readable_bytes(double bytes) {
  constexpr std::array<std::string_view, 5> units{"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  for (; bytes >= 1024.0 && unit + 1 < units.size(); ++unit) bytes /= 1024.0;
  return fmt::format("{:.{}f} {}", bytes, unit == 0 ? 0 : 1, units[unit]);
}

void require_memory(double bytes, std::string_view what, double limit) {
  const double available = std::min(available_memory(), limit);
  if (bytes <= available) return;
  throw NotEnoughMemory(fmt::format("{} needs at least {} of memory; {} are free", what,
                                    readable_bytes(bytes), readable_bytes(available)));
}

}  // namespace ranvier
