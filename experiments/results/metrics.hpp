#pragma once

/// Headline figures of a run: one flat list of names and values.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/parameter.hpp"

namespace ranvier {

class Metrics {
 public:
  /// Sets a figure; nothing stands for one that is not defined (the rate of no time). A number that
  /// is not finite is not defined either.
  void set(std::string_view name, std::optional<Value> value);

  /// The figure of that name; throws UnknownName.
  const std::optional<Value>& at(std::string_view name) const;

  /// In the order they were set.
  const std::vector<std::pair<std::string, std::optional<Value>>>& entries() const noexcept {
    return entries_;
  }

  /// One flat JSON object.
  std::string to_json() const;

 private:
  std::vector<std::pair<std::string, std::optional<Value>>> entries_;
};

}  // namespace ranvier
