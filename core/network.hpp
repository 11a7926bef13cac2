#pragma once

/// A network: populations, projections and stimuli, before time exists. It holds descriptions only;
/// synapses are drawn when a Simulation is made from it, because they depend on the seed.

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/connection_rule.hpp"
#include "core/neuron_model.hpp"
#include "core/plasticity.hpp"
#include "core/population.hpp"
#include "core/stimulus.hpp"
#include "core/value_source.hpp"

namespace ranvier {

struct PopulationSpec {
  std::string name{};
  std::string model{};
  std::size_t size = 0;
  PopulationParameters parameters{};
  std::map<std::string, ValueSourcePtr, std::less<>> initial{};  ///< state variables not at rest
};

struct ProjectionSpec {
  std::string name{};  ///< "source->target" where left empty
  std::string source{};
  std::string target{};
  ConnectionRulePtr rule{};
  ValueSourcePtr weight{};
  ValueSourcePtr delay{};  ///< ms
  /// Empty: negative weights to `inhibitory` where the model has it, everything else to the first.
  std::string port{};
  bool autapses = true;
  bool multapses = true;
  PlasticityPtr plasticity{};  ///< none: weights stay as they are drawn
};

struct StimulusSpec {
  std::string name{};
  std::string model{};
  std::string target{};
  std::string port{};  ///< empty: the device's own
  ValueMap parameters{};
  std::vector<std::vector<double>> spike_times{};  ///< ms, one list per neuron of the target
};

/// Every adding function checks what it is given and throws UnknownName or InvalidValue with the
/// name of the offender.
class Network {
 public:
  std::size_t add(PopulationSpec population);
  std::size_t add(ProjectionSpec projection);
  std::size_t add(StimulusSpec stimulus);

  const std::vector<PopulationSpec>& populations() const noexcept { return populations_; }
  const std::vector<ProjectionSpec>& projections() const noexcept { return projections_; }
  const std::vector<StimulusSpec>& stimuli() const noexcept { return stimuli_; }

  std::size_t population_index(std::string_view name, std::string_view where) const;
  std::size_t population_index(std::string_view name) const;
  std::size_t projection_index(std::string_view name) const;
  const NeuronModel& model_of(std::size_t population) const;
  std::size_t neurons() const noexcept;

  /// Replaces a parameter of a population, for the whole of it or per neuron.
  void set_parameter(std::string_view population, std::string_view parameter, const Value& value);
  void set_parameter(std::string_view population, std::string_view parameter,
                     std::vector<double> per_neuron);

  /// Replaces what a device replays: ms, one list per neuron of its target.
  void set_spike_times(std::string_view device, std::vector<std::vector<double>> times);

 private:
  void require_new_name(const std::string& name, std::string_view kind);

  std::vector<PopulationSpec> populations_;
  std::vector<ProjectionSpec> projections_;
  std::vector<StimulusSpec> stimuli_;
};

/// Port of a weight in a model: the named one, or the one its sign chooses.
std::size_t port_for(const NeuronModel& model, std::optional<std::size_t> named, double weight);

/// Throws InvalidValue, naming `what`, where a port does not take weights of this sign.
void check_sign(const NeuronModel& model, std::size_t port, double weight, std::string_view what);

/// Populations in levels: a projection without delay leads from a lower to a higher level. Throws
/// InvalidValue naming a cycle of them. The result maps population to level.
std::vector<std::size_t> levels_of(const Network& network);

}  // namespace ranvier
