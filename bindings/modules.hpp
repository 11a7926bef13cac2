#pragma once

/// The parts of the extension module, one per topic. The Python package builds its public classes on
/// them; nobody else is meant to call them.

#include <pybind11/pybind11.h>

namespace ranvier::bindings {

void bind_errors(pybind11::module_& module);
void bind_catalogue(pybind11::module_& module);
void bind_network(pybind11::module_& module);
void bind_simulation(pybind11::module_& module);
void bind_learning(pybind11::module_& module);
void bind_training(pybind11::module_& module);
void bind_event_learning(pybind11::module_& module);
void bind_archive(pybind11::module_& module);
void bind_agent(pybind11::module_& module);
void bind_inference(pybind11::module_& module);
void bind_data(pybind11::module_& module);
void bind_experiments(pybind11::module_& module);

}  // namespace ranvier::bindings
