#pragma once

/// Where weights, delays, parameters and initial states come from: constants, lists, and
/// distributions by name. Each distribution is one class in networks/distributions.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/parameter.hpp"
#include "core/registry.hpp"
#include "core/value_source.hpp"

namespace ranvier {

ValueSourcePtr constant_value(double value);

/// One value per key: per neuron, or per synapse in the order of its rule's keys. A key beyond the
/// list throws InvalidValue.
ValueSourcePtr listed_values(std::vector<double> values);

/// A distribution as its registry holds it. `make` throws UnknownName or InvalidValue naming
/// `where`.
struct DistributionKind {
  std::string name;
  std::string summary;
  std::vector<Parameter> parameters;
  std::function<ValueSourcePtr(const ValueMap&, std::string_view where)> make;
};

/// constant, uniform, normal, normal_clipped, normal_redrawn, lognormal, csv_column; and those of
/// plugins.
Registry<DistributionKind>& distributions();

/// Registers a distribution class constructed from `Parameters` and the place to name in errors.
template <class D>
const DistributionKind& add_distribution(std::string name, std::string summary) {
  using P = typename D::Parameters;
  const auto make = [](const ValueMap& values, std::string_view where) -> ValueSourcePtr {
    return std::make_shared<D>(configured<P>(values, where), where);
  };
  auto key = name;
  return distributions().add(std::move(key),
                             {std::move(name), std::move(summary), parameters_of<P>(), make});
}

}  // namespace ranvier
