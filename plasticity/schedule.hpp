#pragma once

/// Schedules: the factor on the learning rate over a training run. Every schedule may begin with a
/// linear warm-up over a share of the updates.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/parameter.hpp"
#include "core/registry.hpp"

namespace ranvier {

/// Factor of update `update` = 0 .. updates-1 of a run.
using Schedule = std::function<double(std::int64_t update, std::int64_t updates)>;

/// A schedule as the registry holds it. `make` throws UnknownName or InvalidValue for values that
/// do not fit `parameters`.
struct ScheduleKind {
  std::string name;
  std::string summary;
  std::string source;
  std::vector<Parameter> parameters;
  std::function<Schedule(const ValueMap&)> make;
};

/// constant, cosine.
Registry<ScheduleKind>& schedules();

}  // namespace ranvier
