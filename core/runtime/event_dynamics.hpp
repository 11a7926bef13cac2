#pragma once

/// A population in the `event` runtime: single neurons, advanced when an event touches them.
///
/// Time is in ticks of `tick` ms. On the grid a tick is the resolution, all times are whole numbers
/// and a neuron fires at the first tick at which its excess is not negative; off the grid a tick is
/// 1 ms and it fires when its excess reaches zero.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "core/model_state.hpp"
#include "core/neuron_model.hpp"
#include "core/population.hpp"
#include "core/runtime/clock_dynamics.hpp"
#include "core/runtime/crossing.hpp"

namespace ranvier {

struct EventTime {
  double tick = 1.0;  ///< ms
  bool on_grid = false;

  /// A duration in ticks, rounded to whole ones on the grid.
  double ticks(double ms) const { return on_grid ? std::round(ms / tick) : ms / tick; }
  double ms(double ticks) const { return ticks * tick; }
};

/// State of a population with the time of each neuron's last touch and end of refractoriness.
struct EventPopulationState : PopulationState<double> {
  std::vector<double> touched;           ///< ticks
  std::vector<double> refractory_until;  ///< ticks; before the first spike -infinity
};

class EventDynamics {
 public:
  virtual ~EventDynamics() = default;

  virtual void rest(EventPopulationState& state) const = 0;

  /// Advances neuron i to `now`, adds what arrived (one sum per port) and resets it if it fires;
  /// says whether it did. `crossing`: now is the predicted time of its crossing, which rounding of
  /// the time may put a hair before it.
  virtual bool touch(EventPopulationState& state, NeuronId i, double now, const double* arrived,
                     bool crossing) const = 0;

  /// When the neuron fires next if nothing arrives, in ticks; infinity where it will not.
  virtual double next_firing(const EventPopulationState& state, NeuronId i) const = 0;

  /// State variables of neuron i at `now`, without touching it.
  virtual void peek(const EventPopulationState& state, NeuronId i, double now,
                    double* variables) const = 0;

  virtual std::size_t ports() const = 0;
};

template <class M>
class EventPopulation final : public EventDynamics {
  using State = typename M::template State<double>;
  using Law = typename M::template Law<double>;

 public:
  EventPopulation(std::vector<typename M::Parameters> parameters, EventTime time)
      : parameters_(std::move(parameters)), time_(time) {
    still_.reserve(parameters_.size());
    for (const auto& p : parameters_) still_.emplace_back(p, 0.0);
  }

  void rest(EventPopulationState& state) const override {
    rest_state<M, double>(parameters_, state);
    state.touched.assign(state.size, 0.0);
    state.refractory_until.assign(state.size, -never);
  }

  bool touch(EventPopulationState& population, NeuronId i, double now, const double* arrived,
             bool crossing) const override {
    auto state = advanced(population, i, now);
    // On the grid the last refractory step ends with the period, as in the clock runtime.
    const double until = population.refractory_until[i];
    const bool held = time_.on_grid ? now <= until : now < until;
    const Law& law = still_[place(i)];
    std::array<double, port_count<M>> sums;
    std::copy_n(arrived, sums.size(), sums.begin());
    law.jump(state, sums, held);
    bool fires = false;
    if constexpr (is_spiking<M>) {
      fires = !held && (law.excess(state) >= 0.0 || (crossing && !time_.on_grid));
      if (fires) {
        law.reset(state, 1.0);
        const double period = time_.ticks(M::refractory_period(parameters(i)));
        if (period > 0.0) population.refractory_until[i] = now + period;
      }
    }
    population.touched[i] = now;
    store_state<M, double>(columns(population), i, state);
    return fires;
  }

  double next_firing(const EventPopulationState& population, NeuronId i) const override {
    if constexpr (!is_spiking<M> || FiresOnlyOnArrival<M>) {
      return never;
    } else {
      const double now = population.touched[i];
      const double free = std::max(now, population.refractory_until[i]);
      const auto state = advanced(population, i, free);
      return time_.on_grid
                 ? first_tick(i, free, state)
                 : free + next_crossing<M>(parameters(i), state, still_[place(i)].excess(state)) /
                              time_.tick;
    }
  }

  void peek(const EventPopulationState& population, NeuronId i, double now,
            double* variables) const override {
    const auto state = advanced(population, i, now);
    constexpr auto fields = M::template State<double>::fields();
    for (std::size_t k = 0; k < fields.size(); ++k) variables[k] = state.*(fields[k].member);
  }

  std::size_t ports() const override { return port_count<M>; }

 private:
  std::size_t place(NeuronId i) const { return parameters_.size() == 1 ? 0 : i; }
  const typename M::Parameters& parameters(NeuronId i) const { return parameters_[place(i)]; }

  static std::array<double*, state_count<M>> columns(EventPopulationState& state) {
    std::array<double*, state_count<M>> pointers{};
    for (std::size_t k = 0; k < pointers.size(); ++k) pointers[k] = state.columns[k].data();
    return pointers;
  }

  static std::array<const double*, state_count<M>> columns(const EventPopulationState& state) {
    std::array<const double*, state_count<M>> pointers{};
    for (std::size_t k = 0; k < pointers.size(); ++k) pointers[k] = state.columns[k].data();
    return pointers;
  }

  /// The state of neuron i at `now`: held while refractory, flowing after.
  State advanced(const EventPopulationState& population, NeuronId i, double now) const {
    auto state = load_state<M, double>(columns(population), i);
    const auto& p = parameters(i);
    double from = population.touched[i];
    const double held_until = std::min(now, population.refractory_until[i]);
    if (held_until > from) {
      Law(p, time_.ms(held_until - from)).hold(state);
      from = held_until;
    }
    if (now > from) Law(p, time_.ms(now - from)).flow(state);
    return state;
  }

  /// First tick after `free` at which the excess is not negative. The crossing in continuous time
  /// tells where to look; a state that has dipped below again at the tick goes on from there.
  double first_tick(NeuronId i, double free, const State& at_free) const {
    const auto& p = parameters(i);
    double tick = 0.0;
    for (;;) {
      const auto state = flowed<M>(p, at_free, time_.ms(tick));
      const double crossing = next_crossing<M>(p, state, still_[place(i)].excess(state));
      if (!(crossing < never)) return never;
      // A crossing that rounding puts just after a tick may belong to that tick.
      tick += std::max(1.0, std::ceil(crossing / time_.tick - 1e-6));
      if (excess_after<M>(p, at_free, time_.ms(tick)) >= 0.0) return free + tick;
    }
  }

  std::vector<typename M::Parameters> parameters_;
  std::vector<Law> still_;  ///< the law over no time of each of them: jumps, threshold and reset
  EventTime time_;
};

}  // namespace ranvier
