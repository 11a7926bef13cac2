#include "experiments/config/read.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"

namespace ranvier {
namespace {

/// 1e4 is a whole number to a person.
std::optional<std::int64_t> whole_number(const Value& value) {
  const auto* real = std::get_if<double>(&value);
  constexpr double exact_limit = 9007199254740992.0;  // 2^53
  if (real == nullptr || *real != std::floor(*real) || std::abs(*real) > exact_limit) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(*real);
}

Value as_declared(const Parameter& parameter, Value value) {
  if (parameter.type == ParameterType::integer) {
    if (const auto whole = whole_number(value)) return *whole;
  }
  return value;
}

std::optional<Value> checked_value(const ConfigNode& node, const Parameter& parameter) {
  auto value = node.value();
  if (!value) {
    node.refuse(expected_of(parameter));
    return std::nullopt;
  }
  const bool is_text = std::holds_alternative<std::string>(*value);
  if (parameter.type == ParameterType::choice && is_text) {
    const auto& name = std::get<std::string>(*value);
    if (std::ranges::find(parameter.choices, name) == parameter.choices.end()) {
      node.report(
          fmt::format("{} is '{}'{}", node.path(), name, suggestion(name, parameter.choices)));
      return std::nullopt;
    }
    return value;
  }
  try {
    return checked(parameter, as_declared(parameter, *value), node.path());
  } catch (const InvalidValue&) {
    node.refuse(expected_of(parameter));
    return std::nullopt;
  }
}

}  // namespace

std::string expected_of(const Parameter& parameter) {
  const auto text = expectation(parameter);
  if (parameter.type == ParameterType::text && !parameter.doc.empty()) {
    return text + ": " + parameter.doc;
  }
  const bool countable =
      parameter.type == ParameterType::real || parameter.type == ParameterType::integer;
  return countable ? "a " + text : text;
}

std::optional<Value> read_value(const ConfigNode& node, const Parameter& parameter) {
  if (!node.exists()) return parameter.default_value;
  return checked_value(node, parameter);
}

ValueMap read_parameters(const ConfigNode& map, std::span<const Parameter> parameters,
                         const MapKeys& keys) {
  ValueMap values;
  if (map.has_value() && !map.is_map()) {
    map.refuse(parameters.empty() ? "nothing"
                                  : "a map of " + comma_separated(names_of(parameters)));
    return values;
  }
  auto known = names_of(parameters);
  known.insert(known.end(), keys.others.begin(), keys.others.end());
  map.allow_only(known);
  for (const auto& parameter : parameters) {
    const auto node = map[parameter.name];
    if (!node.exists()) {
      const bool required = std::ranges::find(keys.required, parameter.name) != keys.required.end();
      if (required) {
        map.required(parameter.name, expected_of(parameter));
      } else {
        map.fill_in(parameter.name, parameter.default_value);
      }
      continue;
    }
    if (auto value = checked_value(node, parameter)) values[parameter.name] = std::move(*value);
  }
  return values;
}

std::optional<std::pair<std::string, ConfigNode>> read_choice(const ConfigNode& node,
                                                              std::string_view kind,
                                                              std::span<const std::string> names) {
  const auto expected = fmt::format("a {}: {}", kind, comma_separated(names));
  std::string name;
  ConfigNode parameters = node;
  if (node.is_map()) {
    const auto entries = node.entries(expected);
    if (entries.size() != 1) {
      node.refuse(fmt::format("one {} with its parameters: {}", kind, comma_separated(names)));
      return std::nullopt;
    }
    name = entries[0].key();
    parameters = entries[0];
  } else {
    const auto value = node.value();
    const auto* text = value ? std::get_if<std::string>(&*value) : nullptr;
    if (text == nullptr) {
      node.refuse(expected);
      return std::nullopt;
    }
    name = *text;
  }
  if (std::ranges::find(names, name) == names.end()) {
    (node.is_map() ? parameters : node)
        .report(fmt::format("{} is '{}', an unknown {}{}", node.path(), name, kind,
                            suggestion(name, names)));
    return std::nullopt;
  }
  return std::pair(name, node.is_map() ? parameters : node.spelled_out());
}

std::vector<double> read_numbers(const ConfigNode& node, const Parameter& parameter) {
  std::vector<double> numbers;
  const auto take = [&](const ConfigNode& item) {
    if (const auto value = checked_value(item, parameter)) {
      numbers.push_back(std::get<double>(*value));
    }
  };
  if (node.is_scalar()) {
    take(node);
  } else {
    for (const auto& item : node.items("a list, each " + expected_of(parameter))) take(item);
  }
  return numbers;
}

std::vector<std::string> read_texts(const ConfigNode& node, std::string_view expected) {
  std::vector<std::string> texts;
  for (const auto& item : node.items(expected)) {
    const auto value = item.value();
    const auto* text = value ? std::get_if<std::string>(&*value) : nullptr;
    if (text == nullptr) {
      item.refuse(expected);
    } else {
      texts.push_back(*text);
    }
  }
  return texts;
}

}  // namespace ranvier
