#include "networks/connection_rules.hpp"

namespace ranvier {

Registry<ConnectionRuleKind>& connection_rules() {
  static Registry<ConnectionRuleKind> registry("connection rule");
  return registry;
}

ConnectionRulePtr connection_rule(std::string_view name, const ValueMap& parameters) {
  return connection_rules().at(name).make(parameters, name);
}

}  // namespace ranvier
