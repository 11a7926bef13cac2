#pragma once

/// The nearest valid choice to a misspelt name.

#include <span>
#include <string>
#include <string_view>

namespace ranvier {

/// The valid name with the smallest edit distance to `name`; empty where none is near enough to be
/// what was meant (more than a third of its letters differ).
std::string nearest(std::string_view name, std::span<const std::string> valid);

/// A clause to end an error sentence with: "; did you mean 'tau_m'?" where a near name exists,
/// otherwise "; expected one of a, b, c".
std::string suggestion(std::string_view name, std::span<const std::string> valid);

/// "a, b, c".
std::string comma_separated(std::span<const std::string> names);

}  // namespace ranvier
