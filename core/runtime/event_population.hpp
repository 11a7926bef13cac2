#pragma once

/// The neurons of a model in the `event` runtime, one after the other: all that a touch reads and
/// writes of a neuron lies together, in one cache line for most models.

#include <array>
#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/large_array.hpp"
#include "core/model_state.hpp"
#include "core/neuron_model.hpp"
#include "core/population.hpp"
#include "core/runtime/event_dynamics.hpp"
#include "core/runtime/event_lanes.hpp"
#include "core/runtime/event_laws.hpp"
#include "core/runtime/touched_set.hpp"

namespace ranvier {

/// A neuron as it is stored: without the end of a refractory period where there is none.
template <class M, bool refractoriness>
struct StoredNeuron {
  static constexpr std::size_t values = 2 + (refractoriness ? 1 : 0) + state_count<M>;
  struct None {};

  double refractory_until() const {
    if constexpr (refractoriness) {
      return refractory_end;
    } else {
      return -never;
    }
  }

  EventNeuron kept() const {
    return {.touched = touched, .refractory_until = refractory_until(), .next_firing = next_firing};
  }

  alignas(event_neuron_alignment(values * sizeof(double))) double touched = 0.0;
  double next_firing = never;
  typename M::template State<double> state;
  [[no_unique_address]] std::conditional_t<refractoriness, double, None> refractory_end{};
};

/// `refractoriness`: whether neurons are ever refractory.
template <class M, bool refractoriness>
class EventPopulation final : public EventDynamics {
  using State = typename M::template State<double>;
  using Neuron = StoredNeuron<M, refractoriness>;
  static_assert(sizeof(Neuron) == event_neuron_bytes(state_count<M>, refractoriness));

  static constexpr bool looks_ahead = is_spiking<M> && !FiresOnlyOnArrival<M>;

  static constexpr std::size_t width = EventLanes<M>::width;

 public:
  EventPopulation(std::vector<typename M::Parameters> parameters, std::size_t size, EventTime time)
      : laws_(std::move(parameters), time), neurons_(size) {}

  EventColumns rest() const override {
    EventColumns columns;
    columns.size = neurons_.size();
    rest_state<M, double>(laws_.parameters(), columns);
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
      const auto neuron = neuron_at(i);
      store_state<M, double>(data, i, neuron.state);
      columns.neurons.push_back(neuron.kept());
    }
    return columns;
  }

  void assign(const EventColumns& columns) override {
    std::array<const double*, state_count<M>> data{};
    for (std::size_t k = 0; k < data.size(); ++k) data[k] = columns.columns[k].data();
    for (std::size_t i = 0; i < neurons_.size(); ++i) {
      const auto& [touched, refractory_until, next_firing] = columns.neurons[i];
      Neuron neuron{
          .touched = touched, .next_firing = next_firing, .state = load_state<M, double>(data, i)};
      if constexpr (refractoriness) neuron.refractory_end = refractory_until;
      neurons_[i] = neuron;
    }
    at_start_ = false;
  }

  bool has_refractoriness() const override { return refractoriness; }

  void keep_as_start() override {
    start_.resize(neurons_.size());
    for (std::size_t i = 0; i < neurons_.size(); ++i) start_[i] = neurons_[i].state;
  }

  /// The neurons follow when they are next gone through.
  bool back_to_start() override {
    at_start_ = !start_.empty();
    return at_start_;
  }

  void touch(const EventBatch& batch) override {
    laws_.with_view([&](const auto laws) { touch_each(laws, batch); });
  }

  void advance_all(double now) override {
    laws_.with_view([&](const auto laws) {
      go_through(
          laws,
          [&](NeuronId i, EventLanes<M>& lanes) {
            if (!lanes.advance(laws, now)) return false;
            lanes.store(now, neurons_.data() + i);
            return true;
          },
          [&](NeuronId i, Neuron& neuron) { advance(laws, i, neuron, now); });
    });
  }

  void predict_all(Predictions& predictions) override {
    laws_.with_view([&](const auto laws) {
      go_through(
          laws,
          [&](NeuronId i, EventLanes<M>& lanes) {
            const auto now = lanes.touched();
            if (now) settle(laws, i, lanes, *now, predictions);
            return now.has_value();
          },
          [&](NeuronId i, Neuron& neuron) { predict(laws, i, neuron, predictions); });
    });
  }

  void set(double now, std::size_t variable, std::span<const double> values,
           Predictions& predictions) override {
    const auto member = State::fields()[variable].member;
    laws_.with_view([&](const auto laws) {
      go_through(
          laws,
          [&](NeuronId i, EventLanes<M>& lanes) {
            if (!lanes.advance(laws, now)) return false;
            lanes.set(variable, values.data() + i);
            settle(laws, i, lanes, now, predictions);
            return true;
          },
          [&](NeuronId i, Neuron& neuron) {
            advance(laws, i, neuron, now);
            neuron.state.*member = values[i];
            predict(laws, i, neuron, predictions);
          });
    });
  }

  void mark_due(std::span<const NeuronId> neurons, double now, TouchedSet& touched) const override {
    for (const auto i : neurons) {
      if (neurons_[i].next_firing == now) touched.mark(i);
    }
  }

  double next_firing(NeuronId i) const override { return neuron_at(i).next_firing; }

  void peek(NeuronId i, double now, double* variables) const override {
    const auto neuron = neuron_at(i);
    const auto state =
        laws_.with_view([&](const auto laws) { return laws.advanced(i, neuron, now); });
    constexpr auto fields = State::fields();
    for (std::size_t k = 0; k < fields.size(); ++k) variables[k] = state.*(fields[k].member);
  }

 private:
  static std::array<double*, state_count<M>> pointers(EventColumns& columns) {
    std::array<double*, state_count<M>> data{};
    for (std::size_t k = 0; k < data.size(); ++k) data[k] = columns.columns[k].data();
    return data;
  }

  /// Puts a neuron at the start. Value by value: as a whole it would go through memory.
  static void put(const State& start, Neuron& neuron) {
    neuron.touched = 0.0;
    neuron.next_firing = never;
    neuron.state = start;
    if constexpr (refractoriness) neuron.refractory_end = -never;
  }

  Neuron neuron_at(std::size_t i) const {
    auto neuron = neurons_[i];
    if (at_start_) put(start_[i], neuron);
    return neuron;
  }

  /// Calls `of_lanes(i, lanes)` for neighbours from i on where there are lanes, and `of_neuron(i,
  /// neuron)` for every neuron of those for which that returned false and of the rest. All are at the
  /// start first, where they are to go there.
  template <class Laws, class OfLanes, class OfNeuron>
  void go_through(const Laws& laws, const OfLanes& of_lanes, const OfNeuron& of_neuron) {
    const bool start = std::exchange(at_start_, false);
    for (NeuronId i = 0; i < neurons_.size();) {
      if (have_lanes(laws, i)) {
        EventLanes<M> lanes;
        if (start) {
          lanes.start(start_.data() + i);
        } else {
          lanes.load(neurons_.data() + i);
        }
        if (of_lanes(i, lanes)) {
          i += width;
          continue;
        }
      }
      if (start) put(start_[i], neurons_[i]);
      of_neuron(i, neurons_[i]);
      ++i;
    }
  }

  /// Whether the neurons from i on can be gone through in lanes.
  template <class Laws>
  bool have_lanes(const Laws& laws, NeuronId i) const {
    return Laws::is_shared && !refractoriness && i + width <= neurons_.size() &&
           EventLanes<M>::fit(laws);
  }

  using OpenPorts = std::array<bool, port_count<M>>;

  static OpenPorts are_open(std::span<const std::size_t> ports) {
    OpenPorts open{};
    for (const auto port : ports) open[port] = true;
    return open;
  }

  double* arrivals(const EventBatch& batch, std::size_t port, NeuronId i) const {
    return batch.arrived + port * neurons_.size() + i;
  }

  template <class Laws>
  void touch_each(const Laws& laws, const EventBatch& batch) {
    constexpr std::size_t ahead = 12;  // touches, about the latency of the memory
    const auto touched = batch.touched;
    const auto open = are_open(batch.open);
    for (std::size_t k = 0; k < touched.size();) {
      const NeuronId i = touched[k];
      const bool are_neighbours =
          k + width <= touched.size() && touched[k + width - 1] == i + width - 1;
      if (are_neighbours && have_lanes(laws, i) && touch_lanes(laws, batch, open, i)) {
        k += width;
        continue;
      }
      if (k + ahead < touched.size()) __builtin_prefetch(&neurons_[touched[k + ahead]], 1);
      std::array<double, port_count<M>> sums{};
      for (std::size_t port = 0; port < sums.size(); ++port) {
        if (open[port]) sums[port] = std::exchange(*arrivals(batch, port, i), 0.0);
      }
      if (touch(laws, i, neurons_[i], batch.now, sums)) batch.fired.push_back(i);
      predict(laws, i, neurons_[i], batch.predictions);
      ++k;
    }
  }

  /// Touches neighbours from i on, if lanes can; says whether it did.
  template <class Laws>
  bool touch_lanes(const Laws& laws, const EventBatch& batch, const OpenPorts& open, NeuronId i) {
    static constexpr typename EventLanes<M>::Column nothing{};
    EventLanes<M> lanes;
    lanes.load(neurons_.data() + i);
    if (!lanes.advance(laws, batch.now)) return false;
    typename EventLanes<M>::Arrivals arrived;
    for (std::size_t port = 0; port < arrived.size(); ++port) {
      arrived[port] = open[port] ? arrivals(batch, port, i) : nothing.data();
    }
    lanes.jump(laws, arrived);
    for (std::size_t port = 0; port < arrived.size(); ++port) {
      if (open[port]) std::fill_n(arrivals(batch, port, i), width, 0.0);
    }
    lanes.append_fired(i, batch.fired);
    settle(laws, i, lanes, batch.now, batch.predictions);
    return true;
  }

  /// Stores lanes that stand at `now` and predicts them.
  template <class Laws>
  void settle(const Laws& laws, NeuronId i, EventLanes<M>& lanes, double now,
              Predictions& predictions) {
    auto* const neurons = neurons_.data() + i;
    lanes.store(now, neurons);
    if constexpr (looks_ahead) {
      lanes.predict(laws, now);
      lanes.append_predictions(laws, i, neurons, predictions);
    }
  }

  template <class Laws>
  [[gnu::always_inline]] static void advance(const Laws& laws, NeuronId i, Neuron& neuron,
                                             double now) {
    neuron.state = laws.advanced(i, neuron, now);
    neuron.touched = now;
  }

  /// Advances neuron i and adds what arrived; says whether it fires.
  template <class Laws>
  [[gnu::always_inline]] static bool touch(const Laws& laws, NeuronId i, Neuron& neuron, double now,
                                           const std::array<double, port_count<M>>& sums) {
    // On the grid the last refractory step ends with the period, as in the clock runtime.
    const double until = neuron.refractory_until();
    const bool held = laws.on_grid() ? now <= until : now < until;
    advance(laws, i, neuron, now);
    laws.still(i).jump(neuron.state, sums, held);
    if constexpr (is_spiking<M>) {
      return fire(laws, i, neuron, now, held);
    } else {
      return false;
    }
  }

  /// Resets the neuron if it fires; says whether it does.
  template <class Laws>
  [[gnu::always_inline]] static bool fire(const Laws& laws, NeuronId i, Neuron& neuron, double now,
                                          bool held) {
    const auto& law = laws.still(i);
    // Rounding of the time may put a predicted crossing a hair before the true one.
    const bool crosses = !laws.on_grid() && neuron.next_firing == now;
    // A prediction for now has left the queue.
    if (neuron.next_firing == now) neuron.next_firing = never;
    if (held || !(law.excess(neuron.state) >= 0.0 || crosses)) return false;
    law.reset(neuron.state, 1.0);
    if constexpr (refractoriness) {
      const double period = laws.refractory_ticks(i);
      if (period > 0.0) neuron.refractory_end = now + period;
    }
    return true;
  }

  /// A prediction that stays as it was is valid still, and its event waits already.
  template <class Laws>
  [[gnu::always_inline]] static void predict(const Laws& laws, NeuronId i, Neuron& neuron,
                                             Predictions& predictions) {
    if constexpr (looks_ahead) {
      const double time = laws.next_firing(i, neuron);
      if (time == neuron.next_firing) return;
      neuron.next_firing = time;
      if (time < never) predictions.push_back({i, time});
    }
  }

  EventLaws<M> laws_;
  LargeArray<Neuron> neurons_;
  std::vector<State> start_;  ///< empty until it is kept
  bool at_start_ = false;     ///< whether the neurons are there and those stored out of date
};

}  // namespace ranvier
