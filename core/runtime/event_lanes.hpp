#pragma once

/// Neighbouring neurons of the `event` runtime that are touched together, their variables side by
/// side, so that the compiler works on several at once. Every lane goes through the operations of
/// a single touch (event_population.hpp) and ends with the same bits.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/model_state.hpp"
#include "core/neuron_model.hpp"
#include "core/population.hpp"
#include "core/runtime/event_dynamics.hpp"
#include "core/runtime/event_laws.hpp"

namespace ranvier {

/// On the grid, and for neurons that share their parameters and are never refractory.
template <class M>
class EventLanes {
  using State = typename M::template State<double>;
  using Law = typename M::template Law<double>;

 public:
  static constexpr std::size_t width = 16;
  using Column = std::array<double, width>;
  /// As wide as a double, so that the vectors of a loop have equally many lanes.
  using Flag = std::int64_t;
  using Arrivals = std::array<const double*, port_count<M>>;

  /// Whether lanes can be predicted: a few ticks are looked at, with laws made beforehand.
  template <class Laws>
  static bool fit(const Laws& laws) {
    return laws.on_grid() && laws.table().size() > Laws::most_looked_at;
  }

  template <class Neuron>
  void load(const Neuron* neurons) {
    const auto columns = pointers();
    for (std::size_t k = 0; k < width; ++k) {
      touched_[k] = neurons[k].touched;
      next_firing_[k] = neurons[k].next_firing;
      store_state<M, double>(columns, k, neurons[k].state);
    }
  }

  /// Neurons at time zero with nothing predicted.
  void start(const State* states) {
    touched_.fill(0.0);
    next_firing_.fill(never);
    const auto columns = pointers();
    for (std::size_t k = 0; k < width; ++k) store_state<M, double>(columns, k, states[k]);
  }

  /// When all of them were touched last, if it was at one time.
  std::optional<double> touched() const {
    Flag others = 0;
    for (const double touched : touched_) others |= touched != touched_[0] ? Flag(1) : Flag(0);
    return others == 0 ? std::optional(touched_[0]) : std::nullopt;
  }

  /// Lets them flow to `now`, and says so, if one law takes all of them there.
  template <class Laws>
  bool advance(const Laws& laws, double now) {
    const auto since = touched();
    if (!since) return false;
    if (*since == now) return true;
    const auto* law = laws.find(now - *since);
    if (law == nullptr) return false;
    for_each([law = *law](State& state, std::size_t /*k*/) { law.flow(state); });
    return true;
  }

  void set(std::size_t variable, const double* values) {
    std::copy_n(values, width, columns_[variable].begin());
  }

  /// Adds what arrived and resets those that fire.
  template <class Laws>
  void jump(const Laws& laws, const Arrivals& arrived) {
    for_each([arrived, law = laws.still(0)](State& state, std::size_t k) {
      std::array<double, port_count<M>> sums;
      for (std::size_t port = 0; port < sums.size(); ++port) sums[port] = arrived[port][k];
      law.jump(state, sums, false);
    });
    if constexpr (is_spiking<M>) {
      for_each([this, law = laws.still(0)](State& state, std::size_t k) {
        const bool fires = law.excess(state) >= 0.0;
        fires_[k] = fires ? 1 : 0;
        law.reset(state, fires ? 1.0 : 0.0);
      });
    }
  }

  /// When each fires next from `now` on.
  template <class Laws>
  void predict(const Laws& laws, double now) {
    if (!find_candidates(laws)) {
      predicted_.fill(never);
      return;
    }
    const auto from = pointers();
    Column first;  // tick at which it fires, or zero
    first.fill(0.0);
    for (std::size_t tick = Laws::most_looked_at; tick > 0; --tick) {
      const Law law = laws.table()[tick], still = laws.still(0);
#pragma GCC ivdep
      for (std::size_t k = 0; k < width; ++k) {
        auto state = load_state<M, double>(from, k);
        law.flow(state);
        first[k] = still.excess(state) >= 0.0 ? static_cast<double>(tick) : first[k];
      }
    }
    for (std::size_t k = 0; k < width; ++k) {
      const double time = first[k] > 0.0 ? now + first[k] : later;
      predicted_[k] = candidate_[k] != 0 ? time : never;
    }
  }

  template <class Neuron>
  void store(double now, Neuron* neurons) const {
    for (std::size_t k = 0; k < width; ++k) {
      neurons[k].touched = now;
      neurons[k].state = load_state<M, double>(pointers(), k);
    }
  }

  /// Appends those that fire; `first` is the number of the first lane.
  void append_fired(NeuronId first, std::vector<NeuronId>& fired) const {
    if constexpr (!is_spiking<M>) return;
    Flag any = 0;
    for (const Flag fires : fires_) any |= fires;
    if (any == 0) return;
    for (NeuronId k = 0; k < width; ++k) {
      if (fires_[k] != 0) fired.push_back(first + k);
    }
  }

  /// Notes and appends the predictions that changed, of neurons that were stored.
  template <class Laws, class Neuron>
  void append_predictions(const Laws& laws, NeuronId first, Neuron* neurons,
                          Predictions& predictions) const {
    Flag changed = 0;
    for (std::size_t k = 0; k < width; ++k) {
      changed |= predicted_[k] != next_firing_[k] ? Flag(1) : Flag(0);
    }
    if (changed == 0) return;
    // Which lanes changed cannot be foreseen: each writes, and the next one over it unless it counts.
    const auto before = predictions.size();
    predictions.resize(before + width);
    auto* end = predictions.data() + before;
    for (NeuronId k = 0; k < width; ++k) {
      const double time =
          predicted_[k] == later ? laws.next_firing(first + k, neurons[k]) : predicted_[k];
      neurons[k].next_firing = time;
      *end = {first + k, time};
      end += (time != next_firing_[k]) & (time < never) ? 1 : 0;
    }
    predictions.resize(static_cast<std::size_t>(end - predictions.data()));
  }

 private:
  static constexpr double later = -1.0;  ///< beyond the ticks looked at, if ever

  std::array<double*, state_count<M>> pointers() {
    std::array<double*, state_count<M>> columns{};
    for (std::size_t v = 0; v < columns.size(); ++v) columns[v] = columns_[v].data();
    return columns;
  }
  std::array<const double*, state_count<M>> pointers() const {
    std::array<const double*, state_count<M>> columns{};
    for (std::size_t v = 0; v < columns.size(); ++v) columns[v] = columns_[v].data();
    return columns;
  }

  /// Calls `act(state, k)` for every lane.
  template <class Act>
  [[gnu::always_inline]] void for_each(const Act& act) {
    const auto columns = pointers();
#pragma GCC ivdep
    for (std::size_t k = 0; k < width; ++k) {
      auto state = load_state<M, double>(columns, k);
      act(state, k);
      store_state<M, double>(columns, k, state);
    }
  }

  /// Those that may fire at all if nothing arrives; says whether there are any.
  template <class Laws>
  bool find_candidates(const Laws& laws) {
    if constexpr (HasCeiling<M>) {
      const auto columns = pointers();
      const auto ceiling = laws.ceiling(0);
      Flag any = 0;
#pragma GCC ivdep
      for (std::size_t k = 0; k < width; ++k) {
        const auto state = load_state<M, double>(columns, k);
        candidate_[k] = ceiling.highest_excess(state) < 0.0 ? 0 : 1;
        any |= candidate_[k];
      }
      return any != 0;
    } else {
      candidate_.fill(1);
      return true;
    }
  }

  Column touched_, next_firing_;
  std::array<Column, state_count<M>> columns_;
  Column predicted_;
  std::array<Flag, width> fires_, candidate_;
};

}  // namespace ranvier
