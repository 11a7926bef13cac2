#include "core/parameter.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/suggest.hpp"

namespace ranvier {
namespace {

std::string with_unit(const std::string& text, const std::string& unit) {
  return unit.empty() ? text : text + " " + unit;
}

[[noreturn]] void refuse(const Parameter& parameter, const Value& value, std::string_view where) {
  throw InvalidValue(fmt::format("{} of {} is {}; expected {}", parameter.name, where,
                                 to_string(value), expectation(parameter)));
}

}  // namespace

bool Bounds::contains(double x) const noexcept {
  const bool above = lower_open ? x > lower : x >= lower;
  const bool below = upper_open ? x < upper : x <= upper;
  return above && below;
}

std::string Bounds::describe() const {
  const bool has_lower = std::isfinite(lower);
  const bool has_upper = std::isfinite(upper);
  if (has_lower && has_upper) {
    return fmt::format("between {}{} and {}{}", lower, lower_open ? " (excluded)" : "", upper,
                       upper_open ? " (excluded)" : "");
  }
  if (has_lower) return fmt::format("{} {}", lower_open ? "greater than" : "at least", lower);
  if (has_upper) return fmt::format("{} {}", upper_open ? "less than" : "at most", upper);
  return "";
}

std::string to_string(const Value& value) {
  return std::visit(
      [](const auto& v) -> std::string {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, std::string>) {
          return "'" + v + "'";
        } else {
          return fmt::format("{}", v);
        }
      },
      value);
}

std::string to_string(ParameterType type) {
  switch (type) {
    case ParameterType::real: return "real number";
    case ParameterType::integer: return "whole number";
    case ParameterType::boolean: return "true or false";
    case ParameterType::text: return "text";
    case ParameterType::choice: return "choice";
  }
  return "value";
}

std::string expectation(const Parameter& parameter) {
  if (parameter.type == ParameterType::choice) {
    return "one of " + comma_separated(parameter.choices);
  }
  auto text = to_string(parameter.type);
  const auto bounds = parameter.bounds.describe();
  if (!bounds.empty()) text += " " + bounds;
  return with_unit(text, parameter.unit);
}

Value checked(const Parameter& parameter, const Value& value, std::string_view where) {
  const auto in_bounds = [&](double x) {
    if (!std::isnan(x) && parameter.bounds.contains(x)) return;
    refuse(parameter, value, where);
  };
  switch (parameter.type) {
    case ParameterType::real: {
      double number = 0.0;
      if (const auto* real = std::get_if<double>(&value)) {
        number = *real;
      } else if (const auto* whole = std::get_if<std::int64_t>(&value)) {
        number = static_cast<double>(*whole);
      } else {
        refuse(parameter, value, where);
      }
      in_bounds(number);
      return number;
    }
    case ParameterType::integer: {
      const auto* whole = std::get_if<std::int64_t>(&value);
      if (whole == nullptr) refuse(parameter, value, where);
      in_bounds(static_cast<double>(*whole));
      return value;
    }
    case ParameterType::boolean:
      if (!std::holds_alternative<bool>(value)) refuse(parameter, value, where);
      return value;
    case ParameterType::text:
      if (!std::holds_alternative<std::string>(value)) refuse(parameter, value, where);
      return value;
    case ParameterType::choice: {
      const auto* name = std::get_if<std::string>(&value);
      if (name == nullptr) refuse(parameter, value, where);
      if (std::ranges::find(parameter.choices, *name) == parameter.choices.end()) {
        throw InvalidValue(fmt::format("{} of {} is '{}'{}", parameter.name, where, *name,
                                       suggestion(*name, parameter.choices)));
      }
      return value;
    }
  }
  return value;
}

std::vector<std::string> names_of(std::span<const Parameter> parameters) {
  std::vector<std::string> names;
  for (const auto& parameter : parameters) names.push_back(parameter.name);
  return names;
}

const Parameter& find(std::span<const Parameter> parameters, std::string_view name,
                      std::string_view where) {
  const auto found = std::ranges::find(parameters, name, &Parameter::name);
  if (found == parameters.end()) {
    throw UnknownName(fmt::format("{} has no parameter '{}'{}", where, name,
                                  suggestion(name, names_of(parameters))));
  }
  return *found;
}

}  // namespace ranvier
