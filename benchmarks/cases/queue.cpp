/// The event queue alone, under the hold model: so many events are pending, and each step takes the
/// first and puts in one that lies an exponential time after it. Vaucher & Duval 1975, Commun. ACM
/// 18:223-230; Jones 1986, Commun. ACM 29:300-311.

#include <algorithm>
#include <bit>
#include <cmath>

#include <fmt/format.h>

#include "benchmarks/case.hpp"
#include "benchmarks/process_usage.hpp"
#include "core/error.hpp"
#include "core/event_queue.hpp"
#include "core/random.hpp"

namespace ranvier {
namespace {

struct Pending {
  double time;
  std::uint32_t level;
  std::uint32_t owner;
};

constexpr std::uint64_t holds = 4'000'000;
constexpr std::uint64_t seed = 1;

std::uint64_t size_at(double pending, double scale) {
  return static_cast<std::uint64_t>(std::max(std::llround(pending * scale), 1LL));
}

/// Drawn before time is taken; a power of two, so that they are taken in turn cheaply.
std::vector<double> exponential_gaps() {
  constexpr std::size_t count = 1u << 16;
  auto draws = RandomStream(seed, Purpose::stimulus).at(0, 0);
  std::vector<double> gaps(count);
  for (auto& gap : gaps) gap = draws.exponential();
  return gaps;
}

Measurement hold(std::uint64_t pending, const CaseSettings& settings) {
  const auto gaps = exponential_gaps();
  const auto gap = [&](std::uint64_t k) { return gaps[k % gaps.size()]; };
  Measurement found;
  const double before = resident_bytes();
  const Stopwatch build;
  EventQueue<Pending> queue;
  for (std::uint64_t k = 0; k < pending; ++k) {
    queue.push({gap(k), 0, static_cast<std::uint32_t>(k)});
  }
  found.build = build.spent();
  const Stopwatch run;
  std::uint64_t sum = 0;
  for (std::uint64_t k = 0; k < holds; ++k) {
    if (k % gaps.size() == 0 && settings.interrupted && settings.interrupted()) {
      throw Interrupted(fmt::format("interrupted after {} holds", k));
    }
    auto event = queue.pop();
    sum += std::bit_cast<std::uint64_t>(event.time);
    event.time += gap(k + event.owner);
    queue.push(event);
  }
  found.run = run.spent();
  found.resident_bytes = std::max(0.0, resident_bytes() - before);
  found.events = holds;
  found.digest = fmt::format("{:016x}", sum);
  return found;
}

Case case_of(int exponent) {
  const double pending = std::pow(10.0, exponent);
  return {.name = fmt::format("queue/1e{}", exponent),
          .summary = fmt::format("hold model with 1e{} pending events", exponent),
          .parameters = [pending](const CaseSettings& settings) -> nlohmann::ordered_json {
            return {{"pending", size_at(pending, settings.scale)}, {"holds", holds}};
          },
          .measure =
              [pending](const CaseSettings& settings) {
                return hold(size_at(pending, settings.scale), settings);
              }};
}

}  // namespace

std::vector<Case> queue_cases() {
  std::vector<Case> cases;
  for (int exponent = 3; exponent <= 7; ++exponent) cases.push_back(case_of(exponent));
  return cases;
}

}  // namespace ranvier
