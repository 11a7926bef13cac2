#include "core/runtime/precision.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/suggest.hpp"

namespace ranvier {

std::string precision_of(const SimulationOptions& options) {
  const std::vector<std::string> valid(precisions.begin(), precisions.end());
  if (std::ranges::find(valid, options.precision) == valid.end()) {
    throw UnknownName(fmt::format("unknown precision '{}'{}", options.precision,
                                  suggestion(options.precision, valid)));
  }
  const bool event = options.runtime == "event";
  if (event && options.precision == "single") {
    throw Unsupported(
        "precision is single, which the event runtime does not have; expected precision double or "
        "runtime clock");
  }
  if (options.precision != "automatic") return options.precision;
  return event ? "double" : "single";
}

}  // namespace ranvier
