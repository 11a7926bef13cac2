#pragma once

/// Builds the registry entry of a pair rule from its class: the description from its declarations,
/// the dynamics from the template of the runtime.

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "core/plasticity.hpp"
#include "core/plugin.hpp"
#include "core/runtime/pair_plasticity.hpp"

namespace ranvier {

template <class Rule>
class PairPlasticityChoice final : public Plasticity {
 public:
  using Parameters = typename Rule::Parameters;
  explicit PairPlasticityChoice(const Parameters& parameters) : parameters_(parameters) {}

  std::string_view name() const override { return Rule::info.name; }
  Bounds weight_bounds() const override { return Rule::weight_bounds(parameters_); }

  std::unique_ptr<PlasticDynamics<float>> make_float(std::size_t sources, std::size_t targets,
                                                     const TimeGrid& grid) const override {
    return std::make_unique<PairPlasticity<Rule, float>>(parameters_, sources, targets, grid);
  }
  std::unique_ptr<PlasticDynamics<double>> make_double(std::size_t sources, std::size_t targets,
                                                       const TimeGrid& grid) const override {
    return std::make_unique<PairPlasticity<Rule, double>>(parameters_, sources, targets, grid);
  }

 private:
  Parameters parameters_;
};

template <class Rule>
struct PairPlasticityRegistration {
  PairPlasticityRegistration() {
    register_or_note([] {
      std::string name(Rule::info.name);
      plasticity_rules().add(
          name, {.name = name,
                 .summary = std::string(Rule::info.summary),
                 .equations = std::string(Rule::info.equations),
                 .source = std::string(Rule::info.source),
                 .parameters = parameters_of<typename Rule::Parameters>(),
                 .make = [](const ValueMap& values, std::string_view where) -> PlasticityPtr {
                   return std::make_shared<PairPlasticityChoice<Rule>>(
                       configured<typename Rule::Parameters>(values, where));
                 }});
    });
  }
};

}  // namespace ranvier
