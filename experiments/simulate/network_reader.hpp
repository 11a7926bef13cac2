#pragma once

/// Reads a circuit, populations, projections and devices into a network.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "experiments/config/node.hpp"
#include "experiments/simulate/plan.hpp"

namespace ranvier {

/// Adds what the sections describe to a plan's network. A population with something wrong in it is
/// still known by name, so that what refers to it is not reported as well.
class NetworkReader {
 public:
  NetworkReader(SimulationPlan& plan, std::uint64_t seed) : plan_(plan), seed_(seed) {}

  /// To be read first: the other sections may refer to its populations, and add to them.
  void circuit(const ConfigNode& node);
  void populations(const ConfigNode& section);
  void projections(const ConfigNode& section);
  void devices(const ConfigNode& section);

  /// The population that a key names, where it is right; reports an unknown name, and a missing one
  /// as such. Nothing besides where the population itself has something wrong in it.
  const PopulationSpec* population_at(const ConfigNode& node) const;

  /// Names of everything declared, right or wrong.
  const std::vector<std::string>& population_names() const noexcept { return names_; }

 private:
  void population(const ConfigNode& node);
  void projection(const ConfigNode& node);
  void device(const ConfigNode& node);
  PlasticityPtr read_plasticity(const ConfigNode& node) const;
  void check_delay(const ConfigNode& node, const ValueSource& delay) const;
  void try_device(const StimulusSpec& spec, std::size_t targets) const;
  std::vector<std::vector<double>> read_spike_times(const ConfigNode& device,
                                                    const StimulusModel& model,
                                                    std::size_t targets) const;

  SimulationPlan& plan_;
  std::uint64_t seed_;
  std::vector<std::string> names_;
};

}  // namespace ranvier
