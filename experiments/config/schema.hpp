#pragma once

/// JSON Schema (draft 2020-12) of configurations, made from the declarations that also validate
/// them: editors complete and check YAML with it.

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/parameter.hpp"
#include "core/registry.hpp"

namespace ranvier {

using Schema = nlohmann::ordered_json;

/// Schema of one value.
Schema schema_of(const Parameter& parameter);

/// A map of the parameters and of `others`, with no further keys.
Schema schema_of_map(std::span<const Parameter> parameters,
                     const std::vector<std::pair<std::string, Schema>>& others = {},
                     const std::vector<std::string>& required = {});

/// A map from any name to `value`.
Schema schema_of_names(Schema value);

Schema schema_of_list(Schema item);

/// One of several forms.
Schema schema_of_either(std::vector<Schema> forms);

/// One of some words.
Schema schema_of_words(const std::vector<std::string>& words);

/// A choice as `read_chosen` takes it: a bare name, or a map of one name to its parameters.
template <class Entry>
Schema schema_of_choice(const Registry<Entry>& registry) {
  std::vector<Schema> forms{schema_of_words(registry.names())};
  for (const auto& [name, entry] : registry) {
    forms.push_back(schema_of_map({}, {{name, schema_of_map(entry.parameters)}}, {name}));
  }
  return schema_of_either(std::move(forms));
}

}  // namespace ranvier
