#pragma once

/// A population in the `clock` runtime: one vectorised step of a range of its neurons, with state
/// and sums of float or double.

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>
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
template <class Real>
struct ClockStep {
  NeuronRange range;
  PopulationState<Real>& state;
  std::vector<std::int32_t>& refractory;  ///< steps left, per neuron of the population
  /// By port: the sums of what arrives at the step's end at each neuron of the range; the step
  /// leaves zeros.
  const std::vector<Real*>& arrived;
  std::vector<NeuronId>& spikes;  ///< neurons that fired are appended, in ascending order
};

template <class Real>
class ClockDynamics {
 public:
  virtual ~ClockDynamics() = default;
  virtual void rest(PopulationState<Real>& state) const = 0;
  virtual void step(const ClockStep<Real>& step) const = 0;
};

template <class Real>
std::unique_ptr<ClockDynamics<Real>> make_clock(const NeuronModel& model,
                                                const PopulationParameters& parameters,
                                                std::size_t n, const TimeGrid& grid) {
  if constexpr (std::same_as<Real, float>) {
    return model.make_clock_float(parameters, n, grid);
  } else {
    return model.make_clock_double(parameters, n, grid);
  }
}

/// The state of a population at time zero.
template <class M, class Real>
void rest_state(const std::vector<typename M::Parameters>& parameters,
                PopulationState<Real>& state) {
  state.columns.assign(state_count<M>, std::vector<Real>(state.size));
  std::array<Real*, state_count<M>> columns{};
  for (std::size_t k = 0; k < columns.size(); ++k) columns[k] = state.columns[k].data();
  for (std::size_t i = 0; i < state.size; ++i) {
    store_state<M, double>(columns, i, M::rest(parameters[parameters.size() == 1 ? 0 : i]));
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
concept HasSimpleFlow = requires(const typename M::template Law<double>& law,
                                 typename M::template State<double>& s) {
  { law.flows_simply(s) } -> std::same_as<bool>;
  law.flow_simply(s);
};

template <class M, class Real>
class ClockPopulation final : public ClockDynamics<Real> {
  using Law = typename M::template Law<Real>;

 public:
  ClockPopulation(std::vector<typename M::Parameters> parameters, const TimeGrid& grid)
      : parameters_(std::move(parameters)) {
    for (const auto& p : parameters_) {
      laws_.emplace_back(p, grid.resolution());
      refractory_steps_.push_back(steps_of_period(M::refractory_period(p), grid));
    }
  }

  void rest(PopulationState<Real>& state) const override {
    rest_state<M, Real>(parameters_, state);
  }

  void step(const ClockStep<Real>& step) const override {
    for (std::size_t done = 0; done < step.range.size(); done += block_size) {
      const auto count = std::min(block_size, step.range.size() - done);
      const Block block = block_of(step, done, count);
      Fired fired;
      std::fill(fired.begin() + static_cast<std::ptrdiff_t>(count), fired.end(), Flag(0));
      if (!(laws_.size() == 1 ? advance<false>(block, fired) : advance<true>(block, fired)))
        continue;
      append_fired(block, fired, step.spikes);
    }
  }

 private:
  static constexpr std::size_t block_size = 256;

  /// Neurons whose state and arrivals stay in the first-level cache while they are stepped.
  struct Block {
    NeuronId first;
    std::size_t count;
    std::array<Real*, state_count<M>> columns;
    std::array<Real*, port_count<M>> arrived;
    std::int32_t* refractory;
  };

  /// As wide as a Real, so that the vectors of the loop have equally many lanes.
  using Flag = std::conditional_t<sizeof(Real) == sizeof(std::int32_t), std::int32_t, std::int64_t>;
  using Fired = std::array<Flag, block_size>;

  /// Spikes are few: groups without one are passed over by one comparison.
  static void append_fired(const Block& block, const Fired& fired, std::vector<NeuronId>& spikes) {
    constexpr std::size_t group = 16;
    static_assert(block_size % group == 0);
    for (std::size_t first = 0; first < block.count; first += group) {
      Flag any = 0;
      for (std::size_t k = 0; k < group; ++k) any |= fired[first + k];
      if (any == 0) continue;
      for (std::size_t k = first; k < std::min(first + group, block.count); ++k) {
        if (fired[k]) spikes.push_back(block.first + static_cast<NeuronId>(k));
      }
    }
  }

  static Block block_of(const ClockStep<Real>& step, std::size_t offset, std::size_t count) {
    Block block{.first = step.range.begin + static_cast<NeuronId>(offset),
                .count = count,
                .columns = {},
                .arrived = {},
                .refractory = step.refractory.data() + step.range.begin + offset};
    for (std::size_t k = 0; k < block.columns.size(); ++k) {
      block.columns[k] = step.state.columns[k].data() + block.first;
    }
    for (std::size_t port = 0; port < block.arrived.size(); ++port) {
      block.arrived[port] = step.arrived[port] + offset;
    }
    return block;
  }

  /// States of a block after they have flowed, by variable; of models with a simple flow.
  using Flowed = std::array<std::array<Real, HasSimpleFlow<M> ? block_size : 0>, state_count<M>>;

  static std::array<Real*, state_count<M>> pointers(Flowed& flowed) {
    std::array<Real*, state_count<M>> columns{};
    for (std::size_t k = 0; k < columns.size(); ++k) columns[k] = flowed[k].data();
    return columns;
  }

  /// Lets the neurons of a block flow: all of them simply, those again that do not.
  template <bool heterogeneous>
  void flow_block(const Block& block, Flowed& flowed) const {
    const auto from = block.columns;
    const auto to = pointers(flowed);
    const auto* const refractory = block.refractory;
    const auto* const laws = laws_.data() + (heterogeneous ? block.first : 0);
    const Law common = laws[0];
    std::array<Flag, block_size> rare;
    Flag any = 0;
#pragma GCC ivdep
    for (std::size_t k = 0; k < block.count; ++k) {
      const Law& law = heterogeneous ? laws[k] : common;
      auto state = load_state<M, Real>(from, k);
      rare[k] = law.flows_simply(state) | (refractory[k] > 0) ? Flag(0) : Flag(1);
      any |= rare[k];
      law.flow_simply(state);
      store_state<M, Real>(to, k, state);
    }
    if (any == 0) return;
    for (std::size_t k = 0; k < block.count; ++k) {
      if (rare[k] == 0) continue;
      auto state = load_state<M, Real>(from, k);
      (heterogeneous ? laws[k] : common).flow(state);
      store_state<M, Real>(to, k, state);
    }
  }

  /// Steps the neurons of a block, notes in `fired` which fire, and says whether any does.
  template <bool heterogeneous>
  bool advance(const Block& block, Fired& fired) const {
    // Copies, which no store into a column can change: the compiler keeps them in registers.
    const auto columns = block.columns;
    const auto arrivals = block.arrived;
    auto* const refractory = block.refractory;
    const auto* const laws = laws_.data() + (heterogeneous ? block.first : 0);
    const auto* const periods = refractory_steps_.data() + (heterogeneous ? block.first : 0);
    const Law common = laws[0];
    const std::int32_t common_period = periods[0];
    [[maybe_unused]] Flowed flowed_before;
    [[maybe_unused]] const auto flowed_columns = pointers(flowed_before);
    if constexpr (HasSimpleFlow<M>) flow_block<heterogeneous>(block, flowed_before);
    Flag any = 0;
#pragma GCC ivdep
    for (std::size_t k = 0; k < block.count; ++k) {
      const Law& law = heterogeneous ? laws[k] : common;
      const std::int32_t waiting = refractory[k];
      const bool held = waiting > 0;
      auto resting = load_state<M, Real>(columns, k);
      auto flowed = resting;
      if constexpr (HasSimpleFlow<M>) {
        flowed = load_state<M, Real>(flowed_columns, k);
      } else {
        law.flow(flowed);
      }
      law.hold(resting);
      auto state = select_state<M, Real>(held, resting, flowed);
      std::array<Real, port_count<M>> arrived;
      for (std::size_t port = 0; port < arrived.size(); ++port) {
        arrived[port] = arrivals[port][k];
        arrivals[port][k] = Real(0);
      }
      law.jump(state, arrived, held);
      if constexpr (is_spiking<M>) {
        const bool fires = !held & (law.excess(state) >= Real(0));
        law.reset(state, fires ? Real(1) : Real(0));
        const auto period = heterogeneous ? periods[k] : common_period;
        refractory[k] = fires ? period : (held ? waiting - 1 : 0);
        fired[k] = fires ? Flag(1) : Flag(0);
        any |= fired[k];
      }
      store_state<M, Real>(columns, k, state);
    }
    return any != 0;
  }

  std::vector<typename M::Parameters> parameters_;
  std::vector<Law> laws_;
  std::vector<std::int32_t> refractory_steps_;
};

}  // namespace ranvier
