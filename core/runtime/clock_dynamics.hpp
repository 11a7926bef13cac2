#pragma once

/// A population in the `clock` runtime: one vectorised step of a range of its neurons.

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/model_parameters.hpp"
#include "core/model_state.hpp"
#include "core/neuron_model.hpp"
#include "core/population.hpp"
#include "core/time_grid.hpp"

namespace ranvier {

/// What one step of a range of neurons reads and writes.
struct ClockStep {
  NeuronRange range;
  PopulationState& state;
  std::vector<std::int32_t>& refractory;  ///< steps left, per neuron
  const std::vector<double*>& arrived;    ///< by port: what arrives at each of the range
  std::vector<std::uint8_t>& fired;       ///< scratch, per neuron of the population
  std::vector<NeuronId>& spikes;          ///< neurons that fired are appended, in ascending order
};

class ClockDynamics {
 public:
  virtual ~ClockDynamics() = default;
  virtual void rest(PopulationState& state) const = 0;
  virtual void step(const ClockStep& step) const = 0;
};

/// The state of a population at time zero.
template <class M>
void rest_state(const std::vector<typename M::Parameters>& parameters, PopulationState& state) {
  state.columns.assign(state_count<M>, std::vector<double>(state.size));
  std::array<double*, state_count<M>> columns{};
  for (std::size_t k = 0; k < columns.size(); ++k) columns[k] = state.columns[k].data();
  for (std::size_t i = 0; i < state.size; ++i) {
    store_state<M>(columns, i, M::rest(parameters[parameters.size() == 1 ? 0 : i]));
  }
}

/// A refractory period in steps; throws InvalidValue where there are more than can be counted.
inline std::int32_t steps_of_period(double period, const TimeGrid& grid) {
  constexpr auto longest = std::numeric_limits<std::int32_t>::max();
  if (period > grid.ms(longest)) {
    throw InvalidValue(fmt::format("a refractory period is {} ms; expected at most {} ms, {} steps",
                                   period, grid.ms(longest), longest));
  }
  return static_cast<std::int32_t>(grid.nearest(period));
}

template <class M>
class ClockPopulation final : public ClockDynamics {
 public:
  ClockPopulation(std::vector<typename M::Parameters> parameters, const TimeGrid& grid)
      : parameters_(std::move(parameters)) {
    for (const auto& p : parameters_) {
      laws_.emplace_back(p, grid.resolution());
      refractory_steps_.push_back(steps_of_period(M::refractory_period(p), grid));
    }
  }

  void rest(PopulationState& state) const override { rest_state<M>(parameters_, state); }

  void step(const ClockStep& step) const override {
    if (laws_.size() == 1) {
      advance<false>(step);
    } else {
      advance<true>(step);
    }
  }

 private:
  template <bool heterogeneous>
  void advance(const ClockStep& step) const {
    std::array<double*, state_count<M>> columns{};
    for (std::size_t k = 0; k < columns.size(); ++k) columns[k] = step.state.columns[k].data();
    auto* refractory = step.refractory.data();
    auto* fired = step.fired.data();
    for (std::size_t i = step.range.begin; i < step.range.end; ++i) {
      const auto& law = laws_[heterogeneous ? i : 0];
      const bool held = refractory[i] > 0;
      auto flowed = load_state<M, double>(columns, i);
      auto resting = flowed;
      law.flow(flowed);
      law.hold(resting);
      auto state = select_state<M, double>(held, resting, flowed);
      std::array<double, port_count<M>> arrived;
      for (std::size_t port = 0; port < arrived.size(); ++port) {
        arrived[port] = step.arrived[port][i - step.range.begin];
      }
      law.jump(state, arrived, held);
      if constexpr (is_spiking<M>) {
        const bool fires = !held && law.excess(state) >= 0.0;
        law.reset(state, fires ? 1.0 : 0.0);
        fired[i] = fires;
        refractory[i] =
            fires ? refractory_steps_[heterogeneous ? i : 0] : (held ? refractory[i] - 1 : 0);
      }
      store_state<M>(columns, i, state);
    }
    if constexpr (is_spiking<M>) {
      for (NeuronId i = step.range.begin; i < step.range.end; ++i) {
        if (fired[i]) step.spikes.push_back(i);
      }
    }
  }

  std::vector<typename M::Parameters> parameters_;
  std::vector<typename M::template Law<double>> laws_;
  std::vector<std::int32_t> refractory_steps_;
};

}  // namespace ranvier
