#include "networks/circuit.hpp"

namespace ranvier {

Registry<CircuitKind>& circuits() {
  static Registry<CircuitKind> registry("circuit");
  return registry;
}

Network circuit(std::string_view name, const ValueMap& parameters) {
  return circuits().at(name).make(parameters, name);
}

}  // namespace ranvier
