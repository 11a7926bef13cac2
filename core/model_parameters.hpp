#pragma once

/// From what a user set on a population to the model's own Parameters structs.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/population.hpp"

namespace ranvier {

/// One Parameters for the whole population, or one per neuron where any parameter is given per
/// neuron. Throws UnknownName or InvalidValue naming `where` and, for per-neuron values, the
/// neuron.
template <class M>
std::vector<typename M::Parameters> model_parameters(const PopulationParameters& given,
                                                     std::size_t n, std::string_view where) {
  using P = typename M::Parameters;
  std::vector<P> parameters(given.per_neuron.empty() ? 1 : n, configured<P>(given.common, where));
  for (const auto& [name, values] : given.per_neuron) {
    if (values.size() != n) {
      throw InvalidValue(
          fmt::format("{} of {} has {} values; expected one for each of its {} neurons", name,
                      where, values.size(), n));
    }
    for (std::size_t i = 0; i < n; ++i) {
      assign(parameters[i], name, values[i], fmt::format("{} (neuron {})", where, i));
    }
  }
  if constexpr (requires(const P& p) { p.validate(where); }) {
    for (const auto& p : parameters) p.validate(where);
  }
  return parameters;
}

}  // namespace ranvier
