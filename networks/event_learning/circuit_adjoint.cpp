#include "networks/event_learning/circuit_adjoint.hpp"

#include <algorithm>
#include <tuple>

#include "networks/event_learning/iaf_psc_exp_adjoint.hpp"

namespace ranvier {

CircuitAdjoint::CircuitAdjoint(const EventCircuit& circuit, std::span<const double> weights)
    : circuit_(circuit), weights_(weights), offsets_(weight_offsets(circuit)) {
  const auto levels = levels_of(network_of(circuit, weights));
  for (std::size_t p = 0; p < circuit.populations.size(); ++p) {
    const auto& population = circuit.populations[p];
    // The input is the first population of the network.
    populations_.push_back({.parameters = parameters_of(population),
                            .level = static_cast<std::uint32_t>(levels[p + 1]),
                            .I = std::vector<double>(population.size),
                            .lambda_V = std::vector<double>(population.size),
                            .lambda_I = std::vector<double>(population.size),
                            .moved = 0.0,
                            .spikes = {}});
  }
}

void CircuitAdjoint::pull_back(const CircuitSpikes& spikes, SpikeTimeSlopes& slopes,
                               std::span<double> gradient) {
  list_happenings(spikes);
  find_slopes(spikes);
  for (auto& population : populations_) {
    std::ranges::fill(population.lambda_V, 0.0);
    std::ranges::fill(population.lambda_I, 0.0);
    population.moved = circuit_.window;
  }
  for (std::size_t k = happenings_.size(); k-- > 0;) {
    const auto& happening = happenings_[k];
    switch (happening.kind) {
      case Kind::release: unrelease(happening, slopes); break;
      case Kind::arrival: leave(happening, slopes, gradient); break;
      case Kind::spike: unfire(happening, slopes); break;
    }
  }
}

const SpikeTrain& CircuitAdjoint::source_train(const CircuitSpikes& spikes,
                                               std::size_t projection) const {
  const auto source = circuit_.projections[projection].source;
  return source == CircuitProjection::input ? spikes.input : spikes.populations[source];
}

/// All that happens until the end of the window, in the order of the event runtime: by time, then by
/// level; what arrives at a neuron does so before it fires.
void CircuitAdjoint::list_happenings(const CircuitSpikes& spikes) {
  happenings_.clear();
  const auto add = [&](Kind kind, std::size_t owner, std::uint32_t level, const SpikeTrain& train,
                       double later) {
    for (std::size_t k = 0; k < train.size(); ++k) {
      const double time = train.times[k] + later;
      if (time > circuit_.window) continue;
      happenings_.push_back({time, level, kind, static_cast<std::uint32_t>(owner), train.neurons[k],
                             static_cast<std::uint32_t>(k)});
    }
  };
  for (std::size_t q = 0; q < circuit_.projections.size(); ++q) {
    const auto& projection = circuit_.projections[q];
    add(Kind::arrival, q, populations_[projection.target].level, source_train(spikes, q),
        projection.delay);
  }
  for (std::size_t p = 0; p < populations_.size(); ++p) {
    const auto& population = populations_[p];
    add(Kind::spike, p, population.level, spikes.populations[p], 0.0);
    const double t_ref = population.parameters.t_ref;
    if (t_ref > 0.0) add(Kind::release, p, population.level, spikes.populations[p], t_ref);
  }
  const auto key = [](const Happening& h) {
    return std::tuple(h.time, h.level, h.kind, h.owner, h.spike);
  };
  std::ranges::sort(happenings_, {}, key);
}

/// Follows the synaptic currents, the only part of the state that the spikes do not tell, to where
/// the slopes of the membrane are asked for.
void CircuitAdjoint::find_slopes(const CircuitSpikes& spikes) {
  for (std::size_t p = 0; p < populations_.size(); ++p) {
    auto& population = populations_[p];
    std::ranges::fill(population.I, 0.0);
    population.moved = 0.0;
    population.spikes.assign(spikes.populations[p].size(), {});
  }
  for (const auto& h : happenings_) {
    if (h.kind == Kind::arrival) {
      arrive(h);
      continue;
    }
    auto& population = populations_[h.owner];
    const auto& p = population.parameters;
    let_decay(population, h.time);
    const double I = population.I[h.neuron];
    auto& slopes = population.spikes[h.spike];
    if (h.kind == Kind::spike) slopes.before = membrane_slope(p, p.V_th, I);
    if (h.kind == Kind::release || p.t_ref == 0.0) {
      slopes.after = membrane_slope(p, p.V_reset, I);
    }
  }
}

void CircuitAdjoint::let_decay(Population& population, double time) {
  const double decay = decayed((time - population.moved) / population.parameters.tau_syn_ex).left;
  for (double& I : population.I) I *= decay;
  population.moved = time;
}

void CircuitAdjoint::arrive(const Happening& arrival) {
  const auto& projection = circuit_.projections[arrival.owner];
  auto& target = populations_[projection.target];
  let_decay(target, arrival.time);
  const auto sources = sources_of(circuit_, projection);
  const double* weight = weights_.data() + offsets_[arrival.owner] + arrival.neuron;
  for (double& I : target.I) {
    I += *weight;
    weight += sources;
  }
}

void CircuitAdjoint::go_back(Population& population, double time) {
  const double stretch = population.moved - time;
  population.moved = time;
  if (!(stretch > 0.0)) return;
  const IafPscExpAdjoint law(population.parameters, stretch);
  for (std::size_t i = 0; i < population.lambda_V.size(); ++i) {
    law.pull_back(population.lambda_V[i], population.lambda_I[i]);
  }
}

/// dL/dw of each synapse of the row, and what the loss feels of the row coming later.
void CircuitAdjoint::leave(const Happening& arrival, SpikeTimeSlopes& slopes,
                           std::span<double> gradient) {
  const auto& projection = circuit_.projections[arrival.owner];
  auto& target = populations_[projection.target];
  go_back(target, arrival.time);
  const auto sources = sources_of(circuit_, projection);
  std::size_t k = offsets_[arrival.owner] + arrival.neuron;
  double later = 0.0;
  for (std::size_t i = 0; i < target.lambda_I.size(); ++i, k += sources) {
    gradient[k] += target.lambda_I[i];
    later +=
        arrival_time_slope(target.parameters, weights_[k], target.lambda_V[i], target.lambda_I[i]);
  }
  if (projection.source == CircuitProjection::input) return;
  slopes[projection.source][arrival.spike] += later;
}

/// Released later, the membrane is lower by its slope from then on; what it was before is forgotten.
void CircuitAdjoint::unrelease(const Happening& release, SpikeTimeSlopes& slopes) {
  auto& population = populations_[release.owner];
  go_back(population, release.time);
  double& lambda_V = population.lambda_V[release.neuron];
  slopes[release.owner][release.spike] -= lambda_V * population.spikes[release.spike].after;
  lambda_V = 0.0;
}

/// A higher membrane reaches the threshold earlier, by one over its slope.
void CircuitAdjoint::unfire(const Happening& spike, SpikeTimeSlopes& slopes) {
  auto& population = populations_[spike.owner];
  if (population.parameters.t_ref == 0.0) unrelease(spike, slopes);
  go_back(population, spike.time);
  const double before = population.spikes[spike.spike].before;
  population.lambda_V[spike.neuron] =
      before > 0.0 ? -slopes[spike.owner][spike.spike] / before : 0.0;
}

}  // namespace ranvier
