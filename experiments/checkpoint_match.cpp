#include "experiments/checkpoint_match.hpp"

#include <algorithm>
#include <map>
#include <string_view>

#include <fmt/format.h>

#include "experiments/config/yaml_tree.hpp"

namespace ranvier {
namespace {

using Leaves = std::map<std::string, std::string>;

void collect(const YamlNode& node, const std::string& path, Leaves& leaves) {
  if (node.kind == YamlNode::Kind::scalar) leaves[path] = node.text;
  for (std::size_t k = 0; k < node.nodes.size(); ++k) {
    const auto key = node.kind == YamlNode::Kind::map ? node.keys[k].text : std::to_string(k);
    collect(node.nodes[k], path.empty() ? key : fmt::format("{}.{}", path, key), leaves);
  }
}

Leaves leaves_of(const std::string& configuration) {
  Leaves leaves;
  collect(parse_yaml(configuration, "configuration"), "", leaves);
  return leaves;
}

bool lies_below(std::string_view path, std::string_view key) {
  while (!key.empty()) {
    if (path.empty()) return false;
    const auto wanted = key.substr(0, key.find('.')), found = path.substr(0, path.find('.'));
    if (wanted != "*" && wanted != found) return false;
    key.remove_prefix(std::min(key.size(), wanted.size() + 1));
    path.remove_prefix(std::min(path.size(), found.size() + 1));
  }
  return true;
}

}  // namespace

std::optional<std::string> difference(const std::string& saved, const std::string& present,
                                      const std::vector<std::string>& may_change) {
  const auto before = leaves_of(saved), now = leaves_of(present);
  const auto free = [&](const std::string& path) {
    return std::ranges::any_of(may_change, [&](const auto& key) { return lies_below(path, key); });
  };
  for (const auto& [path, value] : before) {
    if (free(path)) continue;
    const auto found = now.find(path);
    if (found == now.end()) return fmt::format("{} was {} and is not given", path, value);
    if (found->second != value) {
      return fmt::format("{} was {} and is {}", path, value, found->second);
    }
  }
  for (const auto& [path, value] : now) {
    if (!free(path) && !before.contains(path)) {
      return fmt::format("{} was not given and is {}", path, value);
    }
  }
  return std::nullopt;
}

}  // namespace ranvier
