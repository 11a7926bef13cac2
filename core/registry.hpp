#pragma once

/// Things found by name: models, rules, encodings, data sets. One registry per kind; entries add
/// themselves when their translation unit or plugin is loaded.

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/suggest.hpp"

namespace ranvier {

template <class Entry>
class Registry {
 public:
  /// `kind` is the word error messages use: "neuron model", "data set".
  explicit Registry(std::string kind) : kind_(std::move(kind)) {}

  /// Adds an entry; a second one of the same name throws InvalidValue.
  const Entry& add(std::string name, Entry entry) {
    const auto [place, added] = entries_.emplace(std::move(name), std::move(entry));
    if (!added) throw InvalidValue(fmt::format("{} '{}' is registered twice", kind_, place->first));
    return place->second;
  }

  bool contains(std::string_view name) const { return entries_.find(name) != entries_.end(); }

  /// The entry called `name`; throws UnknownName with the nearest valid name.
  const Entry& at(std::string_view name) const {
    const auto found = entries_.find(name);
    if (found == entries_.end()) {
      throw UnknownName(fmt::format("unknown {} '{}'{}", kind_, name, suggestion(name, names())));
    }
    return found->second;
  }

  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& [name, entry] : entries_) result.push_back(name);
    return result;
  }

  const std::string& kind() const noexcept { return kind_; }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

 private:
  std::string kind_;
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace ranvier
