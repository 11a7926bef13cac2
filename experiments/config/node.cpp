#include "experiments/config/node.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/suggest.hpp"

namespace ranvier {
namespace {

std::string below(const std::string& path, std::string_view key) {
  return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
}

std::string unknown_key(const std::string& path) {
  return fmt::format("{} is not a known key", path);
}

}  // namespace

ConfigNode::ConfigNode(ConfigDocument& document)
    : document_(&document), place_(document.root().place) {}

ConfigNode::ConfigNode(ConfigDocument& document, std::vector<std::size_t> steps, bool exists,
                       std::string path, std::string key, Place place)
    : document_(&document),
      steps_(std::move(steps)),
      exists_(exists),
      path_(std::move(path)),
      key_(std::move(key)),
      place_(std::move(place)) {}

YamlNode* ConfigNode::node() const noexcept {
  if (!exists_) return nullptr;
  auto* node = &document_->root();
  for (const auto step : steps_) node = &node->nodes[step];
  return node;
}

ConfigNode ConfigNode::child(std::size_t index, std::string key, Place place) const {
  auto steps = steps_;
  steps.push_back(index);
  auto path = below(path_, key);
  return {*document_, std::move(steps), true, std::move(path), std::move(key), std::move(place)};
}

bool ConfigNode::has_value() const noexcept {
  return exists() && node()->kind != YamlNode::Kind::nothing;
}
bool ConfigNode::is_scalar() const noexcept {
  return exists() && node()->kind == YamlNode::Kind::scalar;
}
bool ConfigNode::is_list() const noexcept {
  return exists() && node()->kind == YamlNode::Kind::list;
}
bool ConfigNode::is_map() const noexcept { return exists() && node()->kind == YamlNode::Kind::map; }

void ConfigNode::report(std::string_view problem) const {
  document_->report(is_scalar() ? node()->place : place_, problem);
}

void ConfigNode::refuse(std::string_view expected) const {
  if (!exists()) return report(fmt::format("{} is missing; expected {}", path_, expected));
  const auto* here = node();
  // An empty value has its place where the next thing begins.
  const auto& where = here->kind == YamlNode::Kind::nothing ? place_ : here->place;
  document_->report(
      where, fmt::format("{} is {}; expected {}", path_.empty() ? "the configuration" : path_,
                         here->describe(), expected));
}

ConfigNode ConfigNode::operator[](std::string_view key) const {
  if (is_map()) {
    const auto& keys = node()->keys;
    const auto found = std::ranges::find(keys, key, &YamlKey::text);
    if (found != keys.end()) {
      return child(static_cast<std::size_t>(found - keys.begin()), std::string(key), found->place);
    }
  }
  return {*document_, {}, false, below(path_, key), std::string(key), place_};
}

ConfigNode ConfigNode::required(std::string_view key, std::string_view expected) const {
  auto found = (*this)[key];
  if (!found.has_value() && !has_misspelling_of(key)) found.refuse(expected);
  return found;
}

bool ConfigNode::has_misspelling_of(std::string_view key) const {
  const std::vector<std::string> wanted{std::string(key)};
  return std::ranges::any_of(entries("a map"), [&](const ConfigNode& entry) {
    return entry.key() != key && !nearest(entry.key(), wanted).empty() &&
           document_->has_problem(entry.place_, unknown_key(entry.path()));
  });
}

std::vector<ConfigNode> ConfigNode::entries(std::string_view expected) const {
  std::vector<ConfigNode> result;
  if (!has_value()) return result;
  if (!is_map()) {
    refuse(expected);
    return result;
  }
  const auto& keys = node()->keys;
  for (std::size_t k = 0; k < keys.size(); ++k) {
    // The second of two equal keys has been reported as such.
    const auto first = std::ranges::find(keys, keys[k].text, &YamlKey::text);
    if (static_cast<std::size_t>(first - keys.begin()) != k) continue;
    result.push_back(child(k, keys[k].text, keys[k].place));
  }
  return result;
}

std::vector<ConfigNode> ConfigNode::items(std::string_view expected) const {
  std::vector<ConfigNode> result;
  if (!has_value()) return result;
  if (!is_list()) {
    refuse(expected);
    return result;
  }
  for (std::size_t k = 0; k < node()->nodes.size(); ++k) {
    result.push_back(child(k, std::to_string(k), node()->nodes[k].place));
  }
  return result;
}

void ConfigNode::allow_only(std::span<const std::string> keys) const {
  for (const auto& entry : entries("a map")) {
    if (std::ranges::find(keys, entry.key()) != keys.end()) continue;
    document_->report(entry.place_, fmt::format("{} is not a known key{}", entry.path(),
                                                suggestion(entry.key(), keys)));
  }
}

std::optional<Value> ConfigNode::value() const {
  if (!is_scalar()) return std::nullopt;
  return node()->value();
}

std::string ConfigNode::describe() const { return exists() ? node()->describe() : "missing"; }

ConfigNode ConfigNode::section(std::string_view key) const {
  fill_in(key, YamlNode{.kind = YamlNode::Kind::map});
  return (*this)[key];
}

ConfigNode ConfigNode::spelled_out() const {
  auto* here = node();
  const YamlKey word{here->text, here->place};
  *here = {.kind = YamlNode::Kind::map,
           .place = word.place,
           .keys = {word},
           .nodes = {{.kind = YamlNode::Kind::map, .place = word.place}}};
  return child(0, word.text, word.place);
}

void ConfigNode::fill_in(std::string_view key, const Value& value) const {
  fill_in(key, scalar_node(value, {}));
}

void ConfigNode::fill_in(std::string_view key, YamlNode filling) const {
  if (!is_map()) return;
  auto* here = node();
  if (auto* present = here->find(key)) {
    if (present->kind != YamlNode::Kind::nothing) return;
    filling.place = present->place;
    *present = std::move(filling);
  } else {
    filling.place = place_;
    here->keys.push_back({std::string(key), place_});
    here->nodes.push_back(std::move(filling));
  }
}

}  // namespace ranvier
