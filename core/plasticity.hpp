#pragma once

/// How the weights of a projection change while a network runs. Rules live in plasticity/; the core
/// knows them by name and asks them for the dynamics of their synapses.

#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/parameter.hpp"
#include "core/registry.hpp"
#include "core/time_grid.hpp"

namespace ranvier {

template <class Real>
class PlasticDynamics;

/// A rule with its parameters, as a projection has it.
class Plasticity {
 public:
  virtual ~Plasticity() = default;

  virtual std::string_view name() const = 0;

  /// Where the rule keeps weights; initial ones have to lie there.
  virtual Bounds weight_bounds() const = 0;

  /// The dynamics of the synapses onto `targets` neurons (core/runtime/plastic_dynamics.hpp).
  virtual std::unique_ptr<PlasticDynamics<float>> make_float(std::size_t sources,
                                                             std::size_t targets,
                                                             const TimeGrid& grid) const = 0;
  virtual std::unique_ptr<PlasticDynamics<double>> make_double(std::size_t sources,
                                                               std::size_t targets,
                                                               const TimeGrid& grid) const = 0;
};

template <class Real>
std::unique_ptr<PlasticDynamics<Real>> make_plastic_dynamics(const Plasticity& plasticity,
                                                             std::size_t sources,
                                                             std::size_t targets,
                                                             const TimeGrid& grid) {
  if constexpr (std::same_as<Real, float>) {
    return plasticity.make_float(sources, targets, grid);
  } else {
    return plasticity.make_double(sources, targets, grid);
  }
}

using PlasticityPtr = std::shared_ptr<const Plasticity>;

/// A rule as its registry holds it. `make` throws UnknownName or InvalidValue naming `where`.
struct PlasticityRule {
  std::string name{};
  std::string summary{};
  std::string equations{};
  std::string source{};
  std::vector<Parameter> parameters{};
  std::function<PlasticityPtr(const ValueMap&, std::string_view where)> make{};
};

/// stdp_pair; and those of plugins.
Registry<PlasticityRule>& plasticity_rules();

/// The rule of that name with its default parameters, those given replaced.
PlasticityPtr plasticity_rule(std::string_view name, const ValueMap& parameters = {});

}  // namespace ranvier

/// The last line of a rule's header; see RANVIER_NEURON.
#ifdef RANVIER_INSTANTIATE_MODELS
#include "core/plasticity_registration.hpp"
#define RANVIER_PAIR_PLASTICITY(Rule)                 \
  namespace {                                         \
  const PairPlasticityRegistration<Rule> registered_; \
  }
#else
#define RANVIER_PAIR_PLASTICITY(Rule)
#endif
