#include "experiments/config/document.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "core/error.hpp"

namespace ranvier {
namespace {

std::string below(const std::string& path, std::string_view key) {
  return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
}

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> keys;
  while (true) {
    const auto dot = path.find('.');
    keys.emplace_back(path.substr(0, dot));
    if (dot == std::string_view::npos) return keys;
    path.remove_prefix(dot + 1);
  }
}

std::optional<std::size_t> index_of(const std::string& text) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return index;
}

/// Everything an override brings bears its own text as its place.
void put_at(YamlNode& node, const Place& place) {
  node.place = place;
  for (auto& key : node.keys) key.place = place;
  for (auto& child : node.nodes) put_at(child, place);
}

}  // namespace

ConfigDocument::ConfigDocument(YamlNode root, std::string name)
    : root_(std::move(root)), name_(std::move(name)) {
  if (root_.kind != YamlNode::Kind::map) {
    report(root_.place,
           fmt::format("the configuration is {}; expected a map of keys", root_.describe()));
  }
  report_duplicates(root_, "");
}

ConfigDocument ConfigDocument::from_file(const std::string& file,
                                         std::span<const std::string> overrides) {
  ConfigDocument document(read_yaml(file), std::filesystem::path(file).stem().string());
  for (const auto& assignment : overrides) document.override_with(assignment);
  return document;
}

ConfigDocument ConfigDocument::from_text(const std::string& text, const std::string& source,
                                         std::span<const std::string> overrides) {
  ConfigDocument document(parse_yaml(text, source), std::filesystem::path(source).stem().string());
  for (const auto& assignment : overrides) document.override_with(assignment);
  return document;
}

void ConfigDocument::report(const Place& place, std::string_view problem) {
  // Two readers of one map may find the same thing and expect it in other words.
  if (has_problem(place, problem)) return;
  problems_.push_back({place, fmt::format("{}: {}", place.describe(), problem)});
}

bool ConfigDocument::has_problem(const Place& place, std::string_view problem) const {
  const auto finding = [](std::string_view text) { return text.substr(0, text.find(';')); };
  const auto text = fmt::format("{}: {}", place.describe(), problem);
  return std::ranges::any_of(problems_,
                             [&](const Problem& p) { return finding(p.text) == finding(text); });
}

void ConfigDocument::require_valid() const {
  if (problems_.empty()) return;
  auto sorted = problems_;
  std::ranges::stable_sort(sorted, {}, [](const Problem& problem) {
    return std::pair(problem.place.line, problem.place.column);
  });
  std::vector<std::string> texts;
  for (auto& problem : sorted) texts.push_back(std::move(problem.text));
  throw InvalidConfig(std::move(texts));
}

void ConfigDocument::report_duplicates(const YamlNode& node, const std::string& path) {
  for (std::size_t k = 0; k < node.keys.size(); ++k) {
    const auto& key = node.keys[k];
    const auto first = std::ranges::find(node.keys, key.text, &YamlKey::text);
    if (static_cast<std::size_t>(first - node.keys.begin()) == k) continue;
    report(key.place, fmt::format("{} is given twice; expected once, first given at line {}",
                                  below(path, key.text), first->place.line));
  }
  for (std::size_t k = 0; k < node.nodes.size(); ++k) {
    const bool is_map = node.kind == YamlNode::Kind::map;
    report_duplicates(node.nodes[k], below(path, is_map ? node.keys[k].text : std::to_string(k)));
  }
}

void ConfigDocument::override_with(const std::string& assignment) {
  const Place place{.source = "--set " + assignment};
  const auto equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) {
    return report(place, "this is no assignment; expected key.path=value");
  }
  YamlNode value;
  try {
    value = parse_yaml(assignment.substr(equals + 1), place.source);
  } catch (const InvalidConfig&) {
    return report(place, "the value is not YAML; expected key.path=value");
  }
  put_at(value, place);

  YamlNode* node = &root_;
  std::string path;
  for (const auto& key : split(std::string_view(assignment).substr(0, equals))) {
    if (node->kind == YamlNode::Kind::list) {
      const auto index = index_of(key);
      if (!index || *index >= node->nodes.size()) {
        return report(
            place, fmt::format("{} is a list of {}; expected a number below that, not '{}'", path,
                               node->nodes.size(), key));
      }
      node = &node->nodes[*index];
    } else if (node->kind == YamlNode::Kind::scalar) {
      return report(place, fmt::format("{} is {}; expected a map, to set '{}' in it", path,
                                       node->describe(), key));
    } else {
      if (node->kind == YamlNode::Kind::nothing)
        *node = {.kind = YamlNode::Kind::map, .place = place};
      YamlNode* child = node->find(key);
      if (child == nullptr) {
        node->keys.push_back({key, place});
        node->nodes.push_back({.kind = YamlNode::Kind::nothing, .place = place});
        child = &node->nodes.back();
      }
      node = child;
    }
    path = below(path, key);
  }
  *node = std::move(value);
}

}  // namespace ranvier
