#pragma once

/// A place in a configuration as experiments read it. Every reading function reports what is wrong
/// to the document, with file, line, column and path, and goes on with a usable value, so that one
/// pass finds every problem; `ConfigDocument::require_valid` ends the pass.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/parameter.hpp"
#include "experiments/config/document.hpp"

namespace ranvier {

/// A handle, cheap to copy, valid while its document lives. It may stand for a key that is not
/// there; such a node is empty and its place is that of the map it is missing from.
class ConfigNode {
 public:
  /// The top of a document.
  explicit ConfigNode(ConfigDocument& document);

  bool exists() const noexcept { return node() != nullptr; }
  /// There, and more than a key without a value.
  bool has_value() const noexcept;
  bool is_scalar() const noexcept;
  bool is_list() const noexcept;
  bool is_map() const noexcept;

  const std::string& path() const noexcept { return path_; }  ///< "populations.exc.size"
  std::string_view key() const noexcept { return key_; }      ///< "size"
  const Place& place() const noexcept { return place_; }
  ConfigDocument& document() const noexcept { return *document_; }

  /// Reports "<place>: <problem>": the place of a scalar is its own, that of anything else its key's.
  void report(std::string_view problem) const;
  /// Reports "<path> is <what stands there>; expected <expected>", or that it is missing.
  void refuse(std::string_view expected) const;

  /// The child of that key, there or not.
  ConfigNode operator[](std::string_view key) const;

  /// The child of that key; reports a missing one, unless a misspelling of it has been reported.
  ConfigNode required(std::string_view key, std::string_view expected) const;

  /// Children of a map, in the order of the file; reports anything but a map. A missing node has
  /// none.
  std::vector<ConfigNode> entries(std::string_view expected) const;

  /// Items of a list; reports anything but a list. A missing node has none.
  std::vector<ConfigNode> items(std::string_view expected) const;

  /// Reports every key of this map that is not among `keys`, with the nearest that is.
  void allow_only(std::span<const std::string> keys) const;

  /// The scalar; nothing where this is none.
  std::optional<Value> value() const;

  /// As `describe` of the tree: what stands here, for messages.
  std::string describe() const;

  /// The child of that key, made an empty map where nothing stands yet.
  ConfigNode section(std::string_view key) const;

  /// Turns the bare word that stands here into a map of it to nothing, and returns that child.
  ConfigNode spelled_out() const;

  /// Writes a default into the tree, where nothing stands yet, so that the resolved configuration
  /// shows it.
  void fill_in(std::string_view key, const Value& value) const;

 private:
  ConfigNode(ConfigDocument& document, std::vector<std::size_t> steps, bool exists,
             std::string path, std::string key, Place place);

  void fill_in(std::string_view key, YamlNode node) const;
  bool has_misspelling_of(std::string_view key) const;
  ConfigNode child(std::size_t index, std::string key, Place place) const;
  /// Found anew by its steps each time: filling in defaults moves nodes.
  YamlNode* node() const noexcept;

  ConfigDocument* document_;
  std::vector<std::size_t> steps_;
  bool exists_ = true;
  std::string path_;
  std::string key_;
  Place place_;
};

}  // namespace ranvier
