#pragma once

/// Whether a checkpoint belongs to a configuration.

#include <optional>
#include <string>
#include <vector>

namespace ranvier {

/// The first difference between two resolved configurations, as "populations.exc.size was 10 and is
/// 20"; nothing where they differ at most in keys that `may_change` (and what lies below them; "*" in a key
/// stands for any one name).
std::optional<std::string> difference(const std::string& saved, const std::string& present,
                                      const std::vector<std::string>& may_change);

}  // namespace ranvier
