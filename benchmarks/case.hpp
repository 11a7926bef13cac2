#pragma once

/// A benchmark case: work of known size that is measured.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace ranvier {

struct CaseSettings {
  unsigned threads = 1;              ///< at most; some cases use one
  double scale = 1.0;                ///< times the case's own size
  std::optional<double> duration{};  ///< biological time, ms; empty: the case's own
  std::function<bool()> interrupted{};
};

/// Seconds that passed, and seconds of processor time of all threads.
struct Spent {
  double wall = 0.0;
  double processor = 0.0;
};

/// One repetition.
struct Measurement {
  Spent build{};
  Spent run{};
  unsigned threads = 1;             ///< that did the work
  double biological_seconds = 0.0;  ///< 0: no time passes in the case
  std::uint64_t neurons = 0;
  std::uint64_t synapses = 0;
  std::uint64_t events = 0;     ///< synaptic events, or what else the case counts
  double resident_bytes = 0.0;  ///< by which the resident set grew from before the build
  std::string digest{};         ///< equal work, equal digest
};

struct Case {
  std::string name;  ///< "family/variant"
  std::string summary;
  /// What another program needs to do the same work.
  std::function<nlohmann::ordered_json(const CaseSettings&)> parameters;
  /// Throws what a simulation throws; NotEnoughMemory before the build where it cannot fit.
  std::function<Measurement(const CaseSettings&)> measure;
};

std::vector<Case> microcircuit_cases();
std::vector<Case> brunel_cases();
std::vector<Case> vogels_abbott_cases();
std::vector<Case> sparse_cases();
std::vector<Case> construction_cases();
std::vector<Case> queue_cases();
std::vector<Case> memory_cases();

/// Of all families.
std::vector<Case> benchmark_cases();

}  // namespace ranvier
