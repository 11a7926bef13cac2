#pragma once

/// What a parameter is: name, unit, default, bounds and one line of doc, declared once. YAML
/// validation, error messages, Python signatures, `ranvier describe` and the docs are made from it.

#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace ranvier {

/// The value of a parameter as a user writes it.
using Value = std::variant<double, std::int64_t, bool, std::string>;

enum class ParameterType { real, integer, boolean, text, choice };

/// An interval of the real line; an open end excludes its limit, infinity too. NaN lies in none.
struct Bounds {
  double lower = -std::numeric_limits<double>::infinity();
  double upper = std::numeric_limits<double>::infinity();
  bool lower_open = false;
  bool upper_open = false;

  bool contains(double x) const noexcept;
  std::string describe() const;  ///< "greater than 0", "between 0 and 1"
};

inline constexpr Bounds any_real{.lower_open = true, .upper_open = true};
inline constexpr Bounds positive{.lower = 0.0, .lower_open = true, .upper_open = true};
inline constexpr Bounds non_negative{.lower = 0.0, .upper_open = true};
inline constexpr Bounds at_least_one{.lower = 1.0, .upper_open = true};
inline constexpr Bounds unit_interval{.lower = 0.0, .upper = 1.0};

struct Parameter {
  std::string name;
  std::string unit;  ///< empty where the quantity has none
  ParameterType type = ParameterType::real;
  Value default_value;
  Bounds bounds;                     ///< of real and integer parameters
  std::vector<std::string> choices;  ///< of choice parameters, in the order of the enumeration
  std::string doc;
};

/// The values a user gave, by name.
using ValueMap = std::map<std::string, Value, std::less<>>;

std::string to_string(const Value& value);
std::string to_string(ParameterType type);

/// "real number greater than 0 ms", "one of soft, hard": what a value of this parameter must be.
std::string expectation(const Parameter& parameter);

/// `value` in the parameter's own type (an integer becomes a real where one is asked for).
/// Throws InvalidValue, naming `where`, when the type or the bounds do not fit.
Value checked(const Parameter& parameter, const Value& value, std::string_view where);

std::vector<std::string> names_of(std::span<const Parameter> parameters);

/// The declaration called `name`; throws UnknownName with the nearest valid name.
const Parameter& find(std::span<const Parameter> parameters, std::string_view name,
                      std::string_view where);

/// A parameter bound to the member of `P` that holds it. Members are double, std::int64_t, bool,
/// std::string or an enumeration stored as int (a choice).
template <class P>
struct Field {
  Parameter parameter;
  std::variant<double P::*, std::int64_t P::*, bool P::*, std::string P::*, int P::*> member;
};

/// Declarations, to be listed in `static std::vector<Field<P>> fields()`. The default is the
/// member's own initialiser.
template <class P>
Field<P> real(std::string name, double P::*member, std::string unit, Bounds bounds,
              std::string doc) {
  return {{std::move(name),
           std::move(unit),
           ParameterType::real,
           P{}.*member,
           bounds,
           {},
           std::move(doc)},
          member};
}

template <class P>
Field<P> integer(std::string name, std::int64_t P::*member, Bounds bounds, std::string doc) {
  return {{std::move(name), "", ParameterType::integer, P{}.*member, bounds, {}, std::move(doc)},
          member};
}

template <class P>
Field<P> boolean(std::string name, bool P::*member, std::string doc) {
  return {{std::move(name), "", ParameterType::boolean, P{}.*member, {}, {}, std::move(doc)},
          member};
}

template <class P>
Field<P> text(std::string name, std::string P::*member, std::string doc) {
  return {{std::move(name), "", ParameterType::text, P{}.*member, {}, {}, std::move(doc)}, member};
}

template <class P>
Field<P> choice(std::string name, int P::*member, std::vector<std::string> choices,
                std::string doc) {
  Value chosen = choices.at(static_cast<std::size_t>(P{}.*member));
  return {{std::move(name),
           "",
           ParameterType::choice,
           std::move(chosen),
           {},
           std::move(choices),
           std::move(doc)},
          member};
}

/// The declarations of `P` without their members.
template <class P>
std::vector<Parameter> parameters_of() {
  std::vector<Parameter> parameters;
  for (auto& field : P::fields()) parameters.push_back(std::move(field.parameter));
  return parameters;
}

/// Sets one parameter of `target` after checking it; `where` names the owner in the error message.
template <class P>
void assign(P& target, std::string_view name, const Value& value, std::string_view where) {
  static const std::vector<Field<P>> fields = P::fields();
  static const std::vector<Parameter> parameters = parameters_of<P>();
  const auto index = static_cast<std::size_t>(&find(parameters, name, where) - parameters.data());
  const auto& parameter = parameters[index];
  const Value valid = checked(parameter, value, where);
  std::visit(
      [&](auto member) {
        using T = std::remove_reference_t<decltype(target.*member)>;
        if constexpr (std::is_same_v<T, int>) {
          const auto& chosen = std::get<std::string>(valid);
          int position = 0;
          while (parameter.choices[static_cast<std::size_t>(position)] != chosen) ++position;
          target.*member = position;
        } else {
          target.*member = std::get<T>(valid);
        }
      },
      fields[index].member);
}

/// Parameters with the user's values on top of the defaults.
template <class P>
P configured(const ValueMap& values, std::string_view where) {
  P parameters{};
  for (const auto& [name, value] : values) assign(parameters, name, value, where);
  return parameters;
}

/// The present values of `source`, by name.
template <class P>
ValueMap values_of(const P& source) {
  ValueMap values;
  for (const auto& field : P::fields()) {
    std::visit(
        [&](auto member) {
          using T = std::remove_cvref_t<decltype(source.*member)>;
          if constexpr (std::is_same_v<T, int>) {
            values[field.parameter.name] =
                field.parameter.choices[static_cast<std::size_t>(source.*member)];
          } else {
            values[field.parameter.name] = source.*member;
          }
        },
        field.member);
  }
  return values;
}

}  // namespace ranvier
