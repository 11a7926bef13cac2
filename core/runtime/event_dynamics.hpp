#pragma once

/// A population in the `event` runtime: single neurons, advanced when an event touches them. All
/// that a touch reads and writes of a neuron lies together, in one cache line for most models.
///
/// Time is in ticks of `tick` ms. On the grid a tick is the resolution, all times are whole numbers
/// and a neuron fires at the first tick at which its excess is not negative; off the grid a tick is
/// 1 ms and it fires when its excess reaches zero.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "core/large_array.hpp"
#include "core/model_state.hpp"
#include "core/neuron_model.hpp"
#include "core/population.hpp"
#include "core/runtime/clock_dynamics.hpp"
#include "core/runtime/crossing.hpp"
#include "core/runtime/law_table.hpp"

namespace ranvier {

struct EventTime {
  double tick = 1.0;  ///< ms
  bool on_grid = false;

  /// A duration in ticks, rounded to whole ones on the grid.
  double ticks(double ms) const { return on_grid ? std::round(ms / tick) : ms / tick; }
  double ms(double ticks) const { return ticks * tick; }
};

/// What is kept of a neuron beside its state variables. Times are in ticks.
struct EventNeuron {
  double touched = 0.0;  ///< when it was touched last
  double refractory_until = -never;
  double next_firing = never;  ///< if nothing arrives
  std::uint64_t version = 0;   ///< of that prediction; any other is outdated
};

/// All neurons of a population as columns: for checkpoints, and for what is set from outside.
struct EventColumns : PopulationState<double> {
  std::vector<EventNeuron> neurons;
};

/// A prediction that is to enter the queue.
struct Prediction {
  NeuronId neuron;
  double time;  ///< ticks
  std::uint64_t version;
};

/// What a batch does to a population.
struct EventBatch {
  double now;
  std::span<const NeuronId> touched;  ///< ascending
  /// [port][neuron] sums of what arrives. The ports of `open` are read and set to zero; nothing ever
  /// arrives at others.
  double* arrived;
  std::span<const std::size_t> open;
  std::vector<NeuronId>& fired;          ///< those that fire are appended, in ascending order
  std::vector<Prediction>& predictions;  ///< those that changed are appended
};

class EventDynamics {
 public:
  virtual ~EventDynamics() = default;

  /// The population at rest at time zero, nothing predicted.
  virtual EventColumns rest() const = 0;
  virtual EventColumns columns() const = 0;
  virtual void assign(const EventColumns& columns) = 0;
  /// Sets one state variable of all neurons as they stand.
  virtual void assign(std::size_t variable, std::span<const double> values) = 0;

  /// Advances each touched neuron to `now`, adds what arrived, resets it if it fires and predicts
  /// its next firing.
  virtual void touch(const EventBatch& batch) = 0;

  /// Advances every neuron to `now`.
  virtual void advance_all(double now) = 0;

  /// Predicts the next firing of every neuron anew.
  virtual void predict_all(std::vector<Prediction>& predictions) = 0;

  /// Version of the neuron's valid prediction.
  virtual std::uint64_t version(NeuronId i) const = 0;

  /// State variables of neuron i at `now`, without touching it.
  virtual void peek(NeuronId i, double now, double* variables) const = 0;
};

/// Bytes of a neuron with so many state variables: those that fit a cache line do not straddle two.
constexpr std::size_t event_neuron_bytes(std::size_t variables) {
  const std::size_t bytes = sizeof(EventNeuron) + variables * sizeof(double);
  return bytes <= 64 ? 64 : bytes;
}

template <class M>
class EventPopulation final : public EventDynamics {
  using State = typename M::template State<double>;
  using Law = typename M::template Law<double>;

  static constexpr bool looks_ahead = is_spiking<M> && !FiresOnlyOnArrival<M>;

  static constexpr std::size_t alignment =
      sizeof(EventNeuron) + sizeof(State) <= 64 ? 64 : alignof(double);
  struct alignas(alignment) Neuron : EventNeuron {
    State state;
  };
  static_assert(sizeof(Neuron) == event_neuron_bytes(state_count<M>));

 public:
  EventPopulation(std::vector<typename M::Parameters> parameters, std::size_t size, EventTime time)
      : parameters_(std::move(parameters)), time_(time), neurons_(size) {
    still_.reserve(parameters_.size());
    for (const auto& p : parameters_) still_.emplace_back(p, 0.0);
    if constexpr (HasCeiling<M>) {
      ceilings_.reserve(parameters_.size());
      for (const auto& p : parameters_) ceilings_.emplace_back(p);
    }
    if (time_.on_grid && parameters_.size() == 1) table_ = LawTable<M>(parameters_[0], time_.tick);
  }

  EventColumns rest() const override {
    EventColumns columns;
    columns.size = neurons_.size();
    rest_state<M, double>(parameters_, columns);
    columns.neurons.resize(columns.size);
    return columns;
  }

  EventColumns columns() const override {
    EventColumns columns;
    columns.size = neurons_.size();
    columns.columns.assign(state_count<M>, std::vector<double>(columns.size));
    columns.neurons.reserve(columns.size);
    const auto data = pointers(columns);
    for (std::size_t i = 0; i < neurons_.size(); ++i) {
      store_state<M, double>(data, i, neurons_[i].state);
      columns.neurons.push_back(neurons_[i]);
    }
    return columns;
  }

  void assign(const EventColumns& columns) override {
    std::array<const double*, state_count<M>> data{};
    for (std::size_t k = 0; k < data.size(); ++k) data[k] = columns.columns[k].data();
    for (std::size_t i = 0; i < neurons_.size(); ++i) {
      static_cast<EventNeuron&>(neurons_[i]) = columns.neurons[i];
      neurons_[i].state = load_state<M, double>(data, i);
    }
  }

  void assign(std::size_t variable, std::span<const double> values) override {
    const auto member = M::template State<double>::fields()[variable].member;
    for (std::size_t i = 0; i < neurons_.size(); ++i) neurons_[i].state.*member = values[i];
  }

  void touch(const EventBatch& batch) override {
    constexpr std::size_t ahead = 12;  // touches, about the latency of the memory
    const auto& touched = batch.touched;
    for (std::size_t k = 0; k < touched.size(); ++k) {
      if (k + ahead < touched.size()) __builtin_prefetch(&neurons_[touched[k + ahead]], 1);
      const NeuronId i = touched[k];
      std::array<double, port_count<M>> sums{};
      for (const auto port : batch.open) {
        auto& cell = batch.arrived[port * neurons_.size() + i];
        sums[port] = cell;
        cell = 0.0;
      }
      if (touch(i, batch.now, sums)) batch.fired.push_back(i);
      if constexpr (looks_ahead) predict(i, batch.predictions);
    }
  }

  void advance_all(double now) override {
    for (NeuronId i = 0; i < neurons_.size(); ++i) {
      neurons_[i].state = advanced(i, now);
      neurons_[i].touched = now;
    }
  }

  void predict_all(std::vector<Prediction>& predictions) override {
    if constexpr (looks_ahead) {
      for (NeuronId i = 0; i < neurons_.size(); ++i) predict(i, predictions);
    }
  }

  std::uint64_t version(NeuronId i) const override { return neurons_[i].version; }

  void peek(NeuronId i, double now, double* variables) const override {
    const auto state = advanced(i, now);
    constexpr auto fields = M::template State<double>::fields();
    for (std::size_t k = 0; k < fields.size(); ++k) variables[k] = state.*(fields[k].member);
  }

 private:
  std::size_t place(NeuronId i) const { return parameters_.size() == 1 ? 0 : i; }
  const typename M::Parameters& parameters(NeuronId i) const { return parameters_[place(i)]; }

  static std::array<double*, state_count<M>> pointers(EventColumns& columns) {
    std::array<double*, state_count<M>> data{};
    for (std::size_t k = 0; k < data.size(); ++k) data[k] = columns.columns[k].data();
    return data;
  }

  /// Calls `use` with the law of neuron i over `ticks`.
  template <class Use>
  void with_law(NeuronId i, double ticks, Use&& use) const {
    if (const auto* law = table_.find(ticks)) {
      use(*law);
    } else {
      use(Law(parameters(i), time_.ms(ticks)));
    }
  }

  /// The state of neuron i at `now`: held while refractory, flowing after.
  State advanced(NeuronId i, double now) const {
    const auto& neuron = neurons_[i];
    auto state = neuron.state;
    double from = neuron.touched;
    const double held_until = std::min(now, neuron.refractory_until);
    if (held_until > from) {
      with_law(i, held_until - from, [&](const Law& law) { law.hold(state); });
      from = held_until;
    }
    if (now > from) with_law(i, now - from, [&](const Law& law) { law.flow(state); });
    return state;
  }

  State flowed_for(NeuronId i, State state, double ticks) const {
    if (ticks > 0.0) with_law(i, ticks, [&](const Law& law) { law.flow(state); });
    return state;
  }

  /// Advances neuron i and adds what arrived; says whether it fires.
  bool touch(NeuronId i, double now, const std::array<double, port_count<M>>& sums) {
    auto& neuron = neurons_[i];
    auto state = advanced(i, now);
    // On the grid the last refractory step ends with the period, as in the clock runtime.
    const double until = neuron.refractory_until;
    const bool held = time_.on_grid ? now <= until : now < until;
    const Law& law = still_[place(i)];
    law.jump(state, sums, held);
    bool fires = false;
    if constexpr (is_spiking<M>) {
      // Rounding of the time may put a predicted crossing a hair before the true one.
      const bool crosses = !time_.on_grid && neuron.next_firing == now;
      fires = !held && (law.excess(state) >= 0.0 || crosses);
      if (fires) {
        law.reset(state, 1.0);
        const double period = time_.ticks(M::refractory_period(parameters(i)));
        if (period > 0.0) neuron.refractory_until = now + period;
      }
      // A prediction for now has left the queue.
      if (neuron.next_firing == now) neuron.next_firing = never;
    }
    neuron.touched = now;
    neuron.state = state;
    return fires;
  }

  /// A prediction that stays as it was is valid still, and its event waits already.
  void predict(NeuronId i, std::vector<Prediction>& predictions) {
    auto& neuron = neurons_[i];
    const double time = next_firing(i);
    if (time == neuron.next_firing) return;
    neuron.next_firing = time;
    ++neuron.version;
    if (time < never) predictions.push_back({i, time, neuron.version});
  }

  /// When neuron i fires next if nothing arrives, in ticks; infinity where it will not.
  double next_firing(NeuronId i) const {
    const auto& neuron = neurons_[i];
    const double free = std::max(neuron.touched, neuron.refractory_until);
    const auto state = free > neuron.touched ? advanced(i, free) : neuron.state;
    if constexpr (HasCeiling<M>) {
      if (ceilings_[place(i)].highest_excess(state) < 0.0) return never;
    }
    if (time_.on_grid) return first_tick(i, free, state);
    return free +
           next_crossing<M>(parameters(i), state, still_[place(i)].excess(state)) / time_.tick;
  }

  /// First tick after `free` at which the excess is not negative. The next few are looked at one by
  /// one, which takes less than a crossing; then the crossing in continuous time tells where to look;
  /// a state that has dipped below again at the tick goes on from there.
  double first_tick(NeuronId i, double free, const State& at_free) const {
    constexpr double looked_at = 4.0;
    const Law& still = still_[place(i)];
    double tick = 0.0;
    while (tick < looked_at && table_.find(tick + 1.0) != nullptr) {
      tick += 1.0;
      auto state = at_free;
      table_.find(tick)->flow(state);
      if (still.excess(state) >= 0.0) return free + tick;
    }
    for (;;) {
      const auto state = flowed_for(i, at_free, tick);
      const double crossing = next_crossing<M>(parameters(i), state, still.excess(state));
      if (!(crossing < never)) return never;
      // A crossing that rounding puts just after a tick may belong to that tick.
      tick += std::max(1.0, std::ceil(crossing / time_.tick - 1e-6));
      if (still.excess(flowed_for(i, at_free, tick)) >= 0.0) return free + tick;
    }
  }

  std::vector<typename M::Parameters> parameters_;
  std::vector<Law> still_;  ///< the law over no time of each of them: jumps, threshold and reset
  std::vector<CeilingOf<M>> ceilings_;  ///< of each of them, where the model has one
  EventTime time_;
  LawTable<M> table_;  ///< on the grid, where all neurons share their parameters
  LargeArray<Neuron> neurons_;
};

}  // namespace ranvier
