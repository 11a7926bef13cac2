#include "experiments/command_line/thread_option.hpp"

#include <sched.h>

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "experiments/command_line/command.hpp"

namespace ranvier {
namespace {

constexpr unsigned most_threads = 4096;

unsigned available_cores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (sched_getaffinity(0, sizeof cores, &cores) != 0) return 1;
  return static_cast<unsigned>(std::max(1, CPU_COUNT(&cores)));
}

}  // namespace

unsigned threads_of(const boost::program_options::variables_map& given) {
  if (given.count("threads") == 0) return available_cores();
  const auto& text = given["threads"].as<std::string>();
  const bool digits = !text.empty() && text.size() < 6 &&
                      std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  const unsigned threads = digits ? static_cast<unsigned>(std::stoul(text)) : 0;
  if (threads == 0 || threads > most_threads) {
    throw UsageError(fmt::format("--threads is '{}'; expected a whole number between 1 and {}",
                                 text, most_threads));
  }
  return threads;
}

}  // namespace ranvier
