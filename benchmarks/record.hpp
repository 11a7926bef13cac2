#pragma once

/// What a case leaves: one JSON object from its repetitions.

#include <vector>

#include "benchmarks/case.hpp"

namespace ranvier {

/// Median, least and greatest of numbers, of which there is at least one.
nlohmann::ordered_json spread(std::vector<double> numbers);

/// The case's line. Figures that a case does not have are null. `repetitions` is not empty.
nlohmann::ordered_json record_of(const Case& benchmark, const CaseSettings& settings,
                                 const std::vector<Measurement>& repetitions,
                                 const nlohmann::ordered_json& machine);

}  // namespace ranvier
