#pragma once

/// Small networks of quantised activations, and what they answer before they are made to spike.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "core/simulation.hpp"
#include "networks/deployment.hpp"
#include "networks/sequential.hpp"
#include "networks/trained_network.hpp"

namespace ranvier::testing {

inline LayerDescription quantised(const std::string& name, std::size_t size, std::int64_t levels,
                                  double threshold) {
  LayerDescription layer;
  layer.name = name;
  layer.size = size;
  layer.model = "qcfs";
  layer.model_parameters.common = {{"levels", levels}, {"threshold", threshold}};
  layer.parameters = {{"gain", 1.5}};
  return layer;
}

inline LayerDescription scores(std::size_t size) {
  LayerDescription layer;
  layer.name = "output";
  layer.size = size;
  layer.model = "leaky_integrator";
  layer.model_parameters.common = {{"tau_m", std::numeric_limits<double>::infinity()}};
  return layer;
}

inline SequentialDescription quantised_network(std::vector<LayerDescription> hidden) {
  SequentialDescription description;
  description.shape = {2, 6, 6};
  description.steps = 1;
  description.loss.name = "last_membrane";
  description.layers = std::move(hidden);
  description.layers.push_back(scores(4));
  return description;
}

inline std::vector<float> some_sample(std::size_t size) {
  std::vector<float> values(size);
  for (std::size_t i = 0; i < size; ++i) {
    values[i] = static_cast<float>(0.5 + 0.5 * std::sin(2.1 * static_cast<double>(i) + 1.0));
  }
  return values;
}

/// A convolution of quantised units, normalised.
inline LayerDescription quantised_convolution(const std::string& name, std::int64_t filters,
                                              std::int64_t levels, double threshold) {
  auto layer = quantised(name, 0, levels, threshold);
  layer.kind = "convolution";
  layer.parameters = {{"filters", filters}, {"padding", std::int64_t{1}}};
  layer.batch_norm.emplace();
  return layer;
}

/// A converted network, deployed as it was trained, under a constant sample.
inline Simulation spiking(const TrainedNetwork& network, const std::vector<float>& sample) {
  Simulation simulation(deployed(network, InputKind::current),
                        {.runtime = "clock", .resolution = 1.0, .precision = "double"});
  const std::vector<double> input(sample.begin(), sample.end());
  for (const auto& layer : network.layers) {
    for (const auto& from : layer.projections) {
      if (from.source != TrainedProjection::sample) continue;
      auto drive = simulation.state(layer.name, "I_stim");
      std::ranges::transform(drive, product(from.map, input), drive.begin(), std::plus<>{});
      simulation.set_state(layer.name, "I_stim", drive);
    }
  }
  return simulation;
}

/// The scores of the network as it was trained.
inline std::vector<float> scores_before(const Sequential<float>& network,
                                        const std::vector<float>& sample) {
  SequentialTrace<float> trace;
  trace.samples = {0};
  trace.values = sample;
  network.forward(1, 0, trace);
  return trace.output;
}

}  // namespace ranvier::testing
