#pragma once

/// Named arrays: what a checkpoint holds before it becomes a file.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"

namespace ranvier {

class Archive {
 public:
  using Array = std::variant<std::vector<double>, std::vector<float>, std::vector<std::int64_t>,
                             std::vector<std::uint32_t>, std::vector<std::uint64_t>, std::string>;

  template <class T>
  void put(std::string name, T value) {
    arrays_.insert_or_assign(std::move(name), Array(std::move(value)));
  }

  /// The array called `name`; throws CorruptFile where it is missing or of another type.
  template <class T>
  const T& get(std::string_view name) const {
    const auto found = arrays_.find(name);
    if (found == arrays_.end()) {
      throw CorruptFile(
          fmt::format("the checkpoint holds no '{}'; it is of another version or was "
                      "not written whole",
                      name));
    }
    const auto* value = std::get_if<T>(&found->second);
    if (value == nullptr) {
      throw CorruptFile(
          fmt::format("'{}' of the checkpoint is of another type than expected", name));
    }
    return *value;
  }

  /// As `get` for an array of known length.
  template <class T>
  const std::vector<T>& get(std::string_view name, std::size_t size) const {
    const auto& array = get<std::vector<T>>(name);
    if (array.size() != size) {
      throw CorruptFile(fmt::format("'{}' of the checkpoint has {} values; expected {}", name,
                                    array.size(), size));
    }
    return array;
  }

  const std::map<std::string, Array, std::less<>>& arrays() const noexcept { return arrays_; }

 private:
  std::map<std::string, Array, std::less<>> arrays_;
};

}  // namespace ranvier
