#include "experiments/simulate/values.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/random.hpp"
#include "experiments/config/read.hpp"
#include "experiments/config/report_refusals.hpp"
#include "networks/distribution.hpp"

namespace ranvier {
namespace {

ValueSourcePtr drawn(const ConfigNode& node) {
  const auto chosen = read_chosen(node, distributions());
  if (!chosen) return nullptr;
  ValueSourcePtr source;
  report_refusals(node, [&] {
    source = distributions().at(chosen->name).make(chosen->parameters, node.path());
  });
  return source;
}

std::string forms(const Parameter& quantity, std::string_view others) {
  return expected_of(quantity) + std::string(others);
}

/// Parameters share the purpose of initial states; their owners begin above any state variable.
RandomStream parameter_stream(std::uint64_t seed, std::size_t population, std::size_t parameter) {
  constexpr std::size_t first = 128;
  return {seed, Purpose::initial_state,
          static_cast<std::uint32_t>(population << 8 | (first + parameter))};
}

std::vector<double> draw(const ValueSource& source, std::size_t size, const RandomStream& stream) {
  std::vector<double> values(size);
  for (std::size_t i = 0; i < size; ++i) values[i] = source.value(i, stream);
  return values;
}

}  // namespace

ValueSourcePtr read_source(const ConfigNode& node, const Parameter& quantity) {
  if (node.is_map()) return drawn(node);
  if (!node.is_scalar()) {
    node.refuse(forms(quantity, " or a distribution"));
    return nullptr;
  }
  const auto value = read_value(node, quantity);
  if (!value) return nullptr;
  return constant_value(std::get<double>(*value));
}

ValueSourcePtr read_source_or_list(const ConfigNode& node, const Parameter& quantity) {
  if (!node.is_list()) return read_source(node, quantity);
  const auto before = node.document().problem_count();
  auto values = read_numbers(node, quantity);
  if (node.document().problem_count() > before) return nullptr;
  return listed_values(std::move(values));
}

ValueSourcePtr read_source_per_neuron(const ConfigNode& node, const Parameter& quantity,
                                      std::size_t size) {
  auto source = read_source_or_list(node, quantity);
  if (!source || !source->size() || *source->size() == size) return source;
  node.report(fmt::format("{} has {} values; expected one for each of the {} neurons", node.path(),
                          *source->size(), size));
  return nullptr;
}

PopulationParameters read_model_parameters(const ConfigNode& map,
                                           std::span<const Parameter> parameters, std::size_t size,
                                           std::uint64_t seed, std::size_t population) {
  PopulationParameters given;
  if (map.has_value() && !map.is_map()) {
    map.refuse("a map of " + comma_separated(names_of(parameters)));
    return given;
  }
  map.allow_only(names_of(parameters));
  for (std::size_t k = 0; k < parameters.size(); ++k) {
    const auto& parameter = parameters[k];
    const auto node = map[parameter.name];
    if (!node.exists()) {
      map.fill_in(parameter.name, parameter.default_value);
    } else if (parameter.type == ParameterType::real && !node.is_scalar()) {
      const auto source = read_source_per_neuron(node, parameter, size);
      if (!source) continue;
      given.per_neuron[parameter.name] = draw(*source, size, parameter_stream(seed, population, k));
    } else if (auto value = read_value(node, parameter)) {
      given.common[parameter.name] = std::move(*value);
    }
  }
  return given;
}

Schema schema_of_source(const Parameter& quantity) {
  return schema_of_either({schema_of(quantity), schema_of_choice(distributions())});
}

Schema schema_of_source_or_list(const Parameter& quantity) {
  return schema_of_either({schema_of(quantity), schema_of_list({{"type", "number"}}),
                           schema_of_choice(distributions())});
}

}  // namespace ranvier
