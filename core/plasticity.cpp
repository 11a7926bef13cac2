#include "core/plasticity.hpp"

namespace ranvier {

Registry<PlasticityRule>& plasticity_rules() {
  static Registry<PlasticityRule> registry("plasticity rule");
  return registry;
}

PlasticityPtr plasticity_rule(std::string_view name, const ValueMap& parameters) {
  return plasticity_rules().at(name).make(parameters, name);
}

}  // namespace ranvier
