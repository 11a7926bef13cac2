#include "benchmarks/machine.hpp"

#include <sched.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "core/version.hpp"

namespace ranvier {
namespace {

std::string processor_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

int usable_cores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  return sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
}

}  // namespace

nlohmann::ordered_json machine_now() {
  double load = 0.0;
  if (getloadavg(&load, 1) != 1) load = -1.0;
  return {{"processor", processor_name()},
          {"cores", usable_cores()},
          {"load", load},
          {"version", version},
          {"build", build_description}};
}

}  // namespace ranvier
