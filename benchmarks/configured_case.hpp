#pragma once

/// Cases that simulate the network of a configuration.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/case.hpp"

namespace ranvier {

struct ConfiguredCase {
  std::string name{};
  std::string summary{};
  std::string configuration{};  ///< of configs/<configuration>.yaml
  double duration = 1000.0;     ///< ms
  /// "key.path=value" at a scale, after which the configuration describes the case.
  std::function<std::vector<std::string>(double scale)> overrides{};
};

/// The parameters of the case are the configuration and its overrides: `ranvier run` with both
/// simulates the same network. Nothing is recorded but the digest of all spikes.
Case configured_case(ConfiguredCase configured);

/// The text of configs/<name>.yaml, which is built in. Throws UnknownName.
std::string_view configuration_text(std::string_view name);

/// "key=number" of a count times a scale, at least 1.
std::string scaled(std::string_view key, double count, double scale);

}  // namespace ranvier
