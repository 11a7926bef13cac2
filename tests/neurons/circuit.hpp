#pragma once

/// Small networks for the tests of this folder.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/network.hpp"
#include "core/simulation.hpp"

namespace ranvier::testing {

/// A spike that arrives at a neuron.
struct Input {
  double time;  ///< ms
  double weight;
  std::string port;
};

class Constant final : public ValueSource {
 public:
  explicit Constant(double value) : value_(value) {}
  double value(std::uint64_t, const RandomStream&) const override { return value_; }
  std::optional<double> constant() const override { return value_; }

 private:
  double value_;
};

/// A value for every key, by position.
class Listed final : public ValueSource {
 public:
  explicit Listed(std::vector<double> values) : values_(std::move(values)) {}
  double value(std::uint64_t key, const RandomStream&) const override { return values_[key]; }

 private:
  std::vector<double> values_;
};

/// Synapses as listed; the key of each is its position.
class Wiring final : public ConnectionRule {
 public:
  explicit Wiring(std::vector<std::pair<NeuronId, NeuronId>> pairs) : pairs_(std::move(pairs)) {}
  void check(const ConnectionProblem&, std::string_view) const override {}
  void generate(const ConnectionProblem&, NeuronRange targets,
                const SynapseSink& sink) const override {
    for (std::size_t k = 0; k < pairs_.size(); ++k) {
      const auto [source, target] = pairs_[k];
      if (target < targets.begin || target >= targets.end) continue;
      const Synapse synapse{source, target, k};
      sink({&synapse, 1});
    }
  }
  double expected_synapses(const ConnectionProblem&) const override {
    return static_cast<double>(pairs_.size());
  }

 private:
  std::vector<std::pair<NeuronId, NeuronId>> pairs_;
};

/// Adds one device per input spike, as each has a weight of its own.
inline void add_inputs(Network& network, const std::string& target,
                       const std::vector<Input>& inputs) {
  for (const auto& input : inputs) {
    network.add(StimulusSpec{.name = "input" + std::to_string(network.stimuli().size()),
                             .model = "spike_generator",
                             .target = target,
                             .port = input.port,
                             .parameters = {{"weight", input.weight}},
                             .spike_times = {{input.time}}});
  }
}

/// One neuron called "neuron" and what arrives at it.
inline Network one_neuron(const std::string& model, ValueMap parameters,
                          const std::vector<Input>& inputs = {}) {
  Network network;
  network.add(PopulationSpec{.name = "neuron",
                             .model = model,
                             .size = 1,
                             .parameters = {.common = std::move(parameters), .per_neuron = {}}});
  add_inputs(network, "neuron", inputs);
  return network;
}

inline StateRecorderSpec every(double interval, std::vector<std::string> variables) {
  return {.population = "neuron", .variables = std::move(variables), .interval = interval};
}

/// In doubles: what is compared with closed forms.
inline SimulationOptions on(const std::string& runtime, double resolution = 0.1,
                            bool on_grid = false) {
  return {.runtime = runtime, .resolution = resolution, .on_grid = on_grid, .precision = "double"};
}

}  // namespace ranvier::testing
