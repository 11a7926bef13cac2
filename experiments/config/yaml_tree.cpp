#include "experiments/config/yaml_tree.hpp"

#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

namespace ranvier {
namespace {

/// A plain decimal number, whole or real; from_chars takes no leading plus.
template <class Number>
std::optional<Number> parsed(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.starts_with('+')) return std::nullopt;
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// from_chars reads "inf", "nan" and hexadecimal-looking words too; YAML does not.
bool looks_like_number(std::string_view text) {
  return text.find_first_not_of("0123456789+-.eE") == std::string_view::npos &&
         text.find_first_of("0123456789") != std::string_view::npos;
}

std::optional<double> special_number(std::string_view text) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (text == ".inf" || text == ".Inf" || text == ".INF") return infinity;
  if (text == "+.inf" || text == "+.Inf" || text == "+.INF") return infinity;
  if (text == "-.inf" || text == "-.Inf" || text == "-.INF") return -infinity;
  if (text == ".nan" || text == ".NaN" || text == ".NAN") {
    return std::numeric_limits<double>::quiet_NaN();
  }
  return std::nullopt;
}

void emit(YAML::Emitter& out, const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::nothing: out << YAML::Null; break;
    case YamlNode::Kind::scalar:
      if (node.quoted) out << YAML::DoubleQuoted;
      out << node.text;
      break;
    case YamlNode::Kind::list: {
      bool flat = true;
      for (const auto& item : node.nodes) flat = flat && item.kind == YamlNode::Kind::scalar;
      if (flat) out << YAML::Flow;
      out << YAML::BeginSeq;
      for (const auto& item : node.nodes) emit(out, item);
      out << YAML::EndSeq;
      break;
    }
    case YamlNode::Kind::map:
      if (node.nodes.empty()) out << YAML::Flow;
      out << YAML::BeginMap;
      for (std::size_t k = 0; k < node.keys.size(); ++k) {
        out << YAML::Key << node.keys[k].text << YAML::Value;
        emit(out, node.nodes[k]);
      }
      out << YAML::EndMap;
      break;
  }
}

std::string real_text(double x) {
  if (std::isnan(x)) return ".nan";
  if (std::isinf(x)) return x > 0 ? ".inf" : "-.inf";
  auto text = fmt::format("{}", x);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

}  // namespace

std::string Place::describe() const {
  return line > 0 ? fmt::format("{}:{}:{}", source, line, column) : source;
}

YamlNode* YamlNode::find(std::string_view key) {
  for (std::size_t k = 0; k < keys.size(); ++k) {
    if (keys[k].text == key) return &nodes[k];
  }
  return nullptr;
}

const YamlNode* YamlNode::find(std::string_view key) const {
  return const_cast<YamlNode*>(this)->find(key);
}

Value YamlNode::value() const {
  if (quoted) return text;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  if (const auto special = special_number(text)) return *special;
  if (looks_like_number(text)) {
    if (const auto whole = parsed<std::int64_t>(text)) return *whole;
    if (const auto real = parsed<double>(text)) return *real;
  }
  return text;
}

std::string YamlNode::describe() const {
  switch (kind) {
    case Kind::nothing: return "empty";
    case Kind::scalar:
      return std::holds_alternative<std::string>(value()) ? fmt::format("'{}'", text) : text;
    case Kind::list: return fmt::format("a list of {}", nodes.size());
    case Kind::map: return "a map";
  }
  return "";
}

YamlNode scalar_node(const Value& value, Place place) {
  YamlNode node{.kind = YamlNode::Kind::scalar, .place = std::move(place)};
  if (const auto* text = std::get_if<std::string>(&value)) {
    node.text = *text;
    const bool looks_otherwise = !std::holds_alternative<std::string>(node.value());
    node.quoted = looks_otherwise || text->empty() || *text == "null" || *text == "~";
  } else if (const auto* real = std::get_if<double>(&value)) {
    node.text = real_text(*real);
  } else {
    node.text = to_string(value);
  }
  return node;
}

std::string to_yaml(const YamlNode& root) {
  YAML::Emitter out;
  emit(out, root);
  return std::string(out.c_str()) + "\n";
}

}  // namespace ranvier
