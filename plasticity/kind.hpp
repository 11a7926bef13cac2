#pragma once

/// Parts of learning that are chosen by name and computed in float or in double.

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/parameter.hpp"
#include "core/registry.hpp"

namespace ranvier {

/// One such part as its registry holds it. `Interface<Real>` is what it makes; the makers throw
/// UnknownName or InvalidValue for values that do not fit `parameters`.
template <template <class> class Interface>
struct Kind {
  std::string name;
  std::string summary;
  std::string source;
  std::vector<Parameter> parameters;
  std::function<std::unique_ptr<Interface<float>>(const ValueMap&)> make_float;
  std::function<std::unique_ptr<Interface<double>>(const ValueMap&)> make_double;

  template <class Real>
  std::unique_ptr<Interface<Real>> make(const ValueMap& values = {}) const {
    if constexpr (std::is_same_v<Real, float>) {
      return make_float(values);
    } else {
      return make_double(values);
    }
  }
};

/// Adds the class template `T`, constructed from `Parameters`, to a registry of kinds. Error
/// messages about its parameters call it "`name` `kind of the registry`".
template <template <class> class T, class Parameters, template <class> class Interface>
const Kind<Interface>& add_kind(Registry<Kind<Interface>>& registry, const std::string& name,
                                std::string summary, std::string source) {
  const auto where = name + " " + registry.kind();
  return registry.add(
      name,
      Kind<Interface>{name, std::move(summary), std::move(source), parameters_of<Parameters>(),
                      [where](const ValueMap& values) {
                        return std::make_unique<T<float>>(configured<Parameters>(values, where));
                      },
                      [where](const ValueMap& values) {
                        return std::make_unique<T<double>>(configured<Parameters>(values, where));
                      }});
}

/// Parameters of a kind that has none.
struct NoParameters {
  static std::vector<Field<NoParameters>> fields() { return {}; }
};

}  // namespace ranvier
