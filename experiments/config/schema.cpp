#include "experiments/config/schema.hpp"

#include <cmath>

namespace ranvier {
namespace {

void add_bounds(Schema& schema, const Bounds& bounds) {
  if (std::isfinite(bounds.lower)) {
    schema[bounds.lower_open ? "exclusiveMinimum" : "minimum"] = bounds.lower;
  }
  if (std::isfinite(bounds.upper)) {
    schema[bounds.upper_open ? "exclusiveMaximum" : "maximum"] = bounds.upper;
  }
}

}  // namespace

Schema schema_of(const Parameter& parameter) {
  Schema schema;
  switch (parameter.type) {
    case ParameterType::real: schema["type"] = "number"; break;
    case ParameterType::integer: schema["type"] = "integer"; break;
    case ParameterType::boolean: schema["type"] = "boolean"; break;
    case ParameterType::text: schema["type"] = "string"; break;
    case ParameterType::choice: schema["enum"] = parameter.choices; break;
  }
  add_bounds(schema, parameter.bounds);
  schema["description"] =
      parameter.unit.empty() ? parameter.doc : parameter.doc + " [" + parameter.unit + "]";
  std::visit(
      [&](const auto& value) {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, double>) {
          if (!std::isfinite(value)) return;
        }
        schema["default"] = value;
      },
      parameter.default_value);
  return schema;
}

Schema schema_of_map(std::span<const Parameter> parameters,
                     const std::vector<std::pair<std::string, Schema>>& others,
                     const std::vector<std::string>& required) {
  Schema properties = Schema::object();
  for (const auto& parameter : parameters) properties[parameter.name] = schema_of(parameter);
  for (const auto& [name, schema] : others) properties[name] = schema;
  Schema schema{{"type", "object"}};
  schema["properties"] = std::move(properties);
  if (!required.empty()) schema["required"] = required;
  schema["additionalProperties"] = false;
  return schema;
}

Schema schema_of_names(Schema value) {
  return {{"type", "object"}, {"additionalProperties", std::move(value)}};
}

Schema schema_of_list(Schema item) { return {{"type", "array"}, {"items", std::move(item)}}; }

Schema schema_of_either(std::vector<Schema> forms) {
  Schema schema;
  schema["anyOf"] = std::move(forms);
  return schema;
}

Schema schema_of_words(const std::vector<std::string>& words) { return {{"enum", words}}; }

}  // namespace ranvier
