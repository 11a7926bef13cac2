#pragma once

/// Everything that can be chosen by name, in one form for `ranvier list` and `ranvier describe`.

#include <functional>
#include <string>
#include <vector>

#include "core/parameter.hpp"

namespace ranvier {

/// A name with a unit and a meaning: a state variable or a port.
struct DescribedItem {
  std::string name;
  std::string unit;
  std::string doc;
};

struct DescribedEntry {
  std::string name{};
  std::string summary{};
  std::string equations{};
  std::string source{};
  std::vector<Parameter> parameters{};
  std::vector<DescribedItem> state{};
  std::vector<DescribedItem> ports{};
  std::vector<std::string> runtimes{};
};

/// One kind of things: "models", and what one of them is called.
struct DescribedKind {
  std::string name;
  std::string singular;
  std::vector<DescribedEntry> entries;
};

std::vector<DescribedKind> catalogue();

/// A page about one entry: equations, parameters with units, defaults, bounds and meaning, ports,
/// state, source.
std::string page_of(const DescribedKind& kind, const DescribedEntry& entry);

}  // namespace ranvier
