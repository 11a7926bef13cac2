#pragma once

/// YAML as a plain tree that remembers where everything stood.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/parameter.hpp"

namespace ranvier {

/// Where something was written: a file with line and column, or an option of the command line.
struct Place {
  std::string source{};
  int line = 0;  ///< from 1; 0 where the source has no lines
  int column = 0;

  std::string describe() const;  ///< "configs/x.yaml:12:5" or "--set a.b=c"
};

struct YamlKey {
  std::string text;
  Place place;
};

/// A node of the tree. A map keeps its keys in the order of the file, duplicates included.
struct YamlNode {
  enum class Kind { nothing, scalar, list, map };

  Kind kind = Kind::nothing;
  Place place{};
  std::string text{};             ///< of a scalar
  bool quoted = false;            ///< a quoted scalar is text whatever it looks like
  std::vector<YamlKey> keys{};    ///< of a map, one per child
  std::vector<YamlNode> nodes{};  ///< children of a map or list

  /// The first child of that key, or nothing.
  YamlNode* find(std::string_view key);
  const YamlNode* find(std::string_view key) const;

  /// What a scalar stands for under YAML 1.2's core schema: true and false, whole and real numbers
  /// (.inf and .nan included), anything else text.
  Value value() const;

  /// For error messages: the scalar as written, "a list", "a map", "nothing".
  std::string describe() const;
};

YamlNode scalar_node(const Value& value, Place place);

/// The tree of one YAML document. Throws InvalidConfig, naming `source` with line and column, for
/// text that is not YAML or that holds several documents.
YamlNode parse_yaml(const std::string& text, const std::string& source);

/// Throws FileNotFound besides.
YamlNode read_yaml(const std::string& file);

/// The tree as YAML text; parsing it gives the same tree.
std::string to_yaml(const YamlNode& root);

}  // namespace ranvier
