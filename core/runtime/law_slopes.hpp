#pragma once

/// A model's law as a function of one of its parameters: every coefficient with its derivative by
/// the logarithm of the parameter.
///
/// A law whose members are all of its number type is a row of coefficients. Their derivatives are
/// central differences of the coefficients in doubles, off by (h^2/6) times a third derivative and by
/// eps/h: 1e-10 of the coefficient at h = 1e-5. Rounded to float they are exact; a gradient in
/// doubles is right to nine digits.

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "core/dual.hpp"
#include "core/error.hpp"
#include "core/neuron_model.hpp"

namespace ranvier {

/// The law in which a trained parameter is a direction; nothing for models that train none.
template <class M, class Real>
struct TangentLaw {
  struct type {};
};
template <HasTrainedParameters M, class Real>
struct TangentLaw<M, Real> {
  using type = typename M::template Law<Dual<Real, 1>>;
};
template <class M, class Real>
using TangentLawOf = typename TangentLaw<M, Real>::type;

/// One law for each of `parameters`, differentiated by ln of the parameter `name` of the model.
/// Throws Unsupported where the model does not name it as trainable.
template <class M, class Real>
std::vector<TangentLawOf<M, Real>> law_slopes(const std::vector<typename M::Parameters>& parameters,
                                              double resolution, std::string_view name) {
  std::vector<TangentLawOf<M, Real>> laws;
  if constexpr (HasTrainedParameters<M>) {
    using Law = typename M::template Law<double>;
    using Tangent = TangentLawOf<M, Real>;
    constexpr std::size_t coefficients = sizeof(Law) / sizeof(double);
    static_assert(std::is_trivially_copyable_v<Law> && std::is_trivially_copyable_v<Tangent> &&
                      sizeof(Law) == coefficients * sizeof(double) &&
                      sizeof(Tangent) == coefficients * sizeof(Dual<Real, 1>),
                  "a law with trained parameters holds numbers of its type and nothing else");
    for (const auto& field : M::Parameters::fields()) {
      if (field.parameter.name != name) continue;
      const auto member = std::get<double M::Parameters::*>(field.member);
      for (const auto& p : parameters) {
        const auto coefficients_at = [&](double change) {
          auto moved = p;
          moved.*member *= std::exp(change);
          return std::bit_cast<std::array<double, coefficients>>(Law(moved, resolution));
        };
        constexpr double h = 1e-5;
        const auto at = coefficients_at(0.0), above = coefficients_at(h),
                   below = coefficients_at(-h);
        std::array<Dual<Real, 1>, coefficients> row;
        for (std::size_t c = 0; c < coefficients; ++c) {
          row[c] = Dual<Real, 1>(static_cast<Real>(at[c]));
          row[c].slope[0] = static_cast<Real>((above[c] - below[c]) / (2.0 * h));
        }
        laws.push_back(std::bit_cast<Tangent>(row));
      }
      return laws;
    }
  }
  throw Unsupported(fmt::format("model {} cannot train its parameter '{}'", M::info.name, name));
}

}  // namespace ranvier
