/// The machine itself, so that other figures can be told from its limits: reading memory in order,
/// and adding to places of an array in no order, which is what delivering a spike to its synapses
/// comes to. The scale counts for the sizes.

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include <fmt/format.h>

#include "benchmarks/case.hpp"
#include "benchmarks/process_usage.hpp"
#include "core/random.hpp"

namespace ranvier {
namespace {

constexpr std::uint64_t seed = 1;

/// Events are bytes. Every thread reads a part of one array, which no cache holds, several times.
Measurement read_in_order(const CaseSettings& settings) {
  constexpr double bytes = 1u << 30;
  constexpr int passes = 4;
  const auto words = static_cast<std::size_t>(bytes / sizeof(double) * settings.scale) + 1;
  Measurement found;
  const Stopwatch build;
  const std::vector<double> memory(words, 1.0);
  found.build = build.spent();
  const Stopwatch run;
  double sum = 0.0;
#pragma omp parallel for num_threads(settings.threads) reduction(+ : sum) schedule(static)
  for (unsigned part = 0; part < settings.threads; ++part) {
    const auto begin = words * part / settings.threads, end = words * (part + 1) / settings.threads;
    for (int pass = 0; pass < passes; ++pass) {
      // Independent sums: one would wait for its own last addition.
      constexpr std::size_t lanes = 64;
      double partial[lanes] = {};
      for (auto k = begin; k + lanes <= end; k += lanes) {
        for (std::size_t lane = 0; lane < lanes; ++lane) partial[lane] += memory[k + lane];
      }
      sum += std::accumulate(partial, partial + lanes, 0.0);
    }
  }
  found.run = run.spent();
  found.threads = settings.threads;
  found.events = std::uint64_t{passes} * words * sizeof(double);
  found.digest = fmt::format("{:.0f}", std::floor(sum / 1e6));
  return found;
}

/// Events are additions. Places are drawn beforehand and read in order, 4 bytes each.
Measurement add_in_no_order(std::size_t places, const CaseSettings& settings) {
  constexpr std::size_t drawn = 1u << 22;
  constexpr int passes = 8;
  Measurement found;
  const Stopwatch build;
  std::vector<double> sums(places, 0.0);
  std::vector<std::uint32_t> where(drawn);
  auto draws = RandomStream(seed, Purpose::shuffle).at(0, 0);
  for (auto& place : where) place = draws.below(static_cast<std::uint32_t>(places));
  found.build = build.spent();
  const Stopwatch run;
  for (int pass = 0; pass < passes; ++pass) {
    if (settings.interrupted && settings.interrupted()) break;
    for (const auto place : where) sums[place] += 1.0;
  }
  found.run = run.spent();
  found.events = std::uint64_t{passes} * drawn;
  found.digest = fmt::format("{:.0f}", std::accumulate(sums.begin(), sums.end(), 0.0));
  return found;
}

std::size_t places_at(std::size_t kibibytes, double scale) {
  const double places = static_cast<double>(kibibytes) * 1024.0 / sizeof(double) * scale;
  return static_cast<std::size_t>(std::max(1.0, places));
}

Case scatter_case(std::size_t kibibytes, const char* size) {
  return {.name = fmt::format("memory/scatter/{}", size),
          .summary = fmt::format("additions to places of {} in no order", size),
          .parameters = [kibibytes](const CaseSettings& settings) -> nlohmann::ordered_json {
            return {{"bytes", places_at(kibibytes, settings.scale) * sizeof(double)}};
          },
          .measure =
              [kibibytes](const CaseSettings& settings) {
                return add_in_no_order(places_at(kibibytes, settings.scale), settings);
              }};
}

}  // namespace

std::vector<Case> memory_cases() {
  return {{.name = "memory/read",
           .summary = "1 GiB read in order by all threads; events are bytes",
           .parameters = [](const CaseSettings&) { return nlohmann::ordered_json::object(); },
           .measure = read_in_order},
          scatter_case(32, "32KiB"),
          scatter_case(512, "512KiB"),
          scatter_case(16384, "16MiB"),
          scatter_case(1048576, "1GiB")};
}

}  // namespace ranvier
