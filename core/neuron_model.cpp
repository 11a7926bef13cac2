#include "core/neuron_model.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/stimulus.hpp"
#include "core/suggest.hpp"

namespace ranvier {
namespace {

/// Position of `name` in a list of things with names, or UnknownName.
template <class List>
std::size_t index_of(const List& list, std::string_view name, std::string_view owner,
                     std::string_view kind) {
  std::vector<std::string> names;
  for (const auto& entry : list) names.emplace_back(entry.name);
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) {
    throw UnknownName(
        fmt::format("{} has no {} '{}'{}", owner, kind, name, suggestion(name, names)));
  }
  return static_cast<std::size_t>(found - names.begin());
}

}  // namespace

std::size_t NeuronModel::port_index(std::string_view port) const {
  return index_of(ports, port, "model " + name, "port");
}

std::size_t NeuronModel::state_index(std::string_view variable) const {
  return index_of(state, variable, "model " + name, "state variable");
}

Registry<NeuronModel>& neuron_models() {
  static Registry<NeuronModel> registry("neuron model");
  return registry;
}

Registry<StimulusModel>& stimulus_models() {
  static Registry<StimulusModel> registry("device model");
  return registry;
}

}  // namespace ranvier
