#include "bindings/modules.hpp"
#include "core/version.hpp"

PYBIND11_MODULE(_core, module) {
  using namespace ranvier::bindings;
  module.doc() = "The compiled part of ranvier; use the package, not this module.";
  module.attr("__version__") = ranvier::version;
  bind_errors(module);
  bind_catalogue(module);
  bind_network(module);
  bind_simulation(module);
  bind_learning(module);
  bind_training(module);
  bind_event_learning(module);
  bind_archive(module);
  bind_agent(module);
  bind_inference(module);
  bind_data(module);
  bind_experiments(module);
}
