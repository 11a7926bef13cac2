#include "experiments/experiment.hpp"

namespace ranvier {

Registry<ExperimentKind>& experiments() {
  static Registry<ExperimentKind> registry("experiment");
  return registry;
}

const ExperimentKind& add_experiment(ExperimentKind kind) {
  auto name = kind.name;
  return experiments().add(std::move(name), std::move(kind));
}

}  // namespace ranvier
