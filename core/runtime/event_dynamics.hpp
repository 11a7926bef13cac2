#pragma once

/// A population in the `event` runtime: single neurons, advanced when an event touches them.
///
/// Time is in ticks of `tick` ms. On the grid a tick is the resolution, all times are whole numbers
/// and a neuron fires at the first tick at which its excess is not negative; off the grid a tick is
/// 1 ms and it fires when its excess reaches zero.

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "core/large_array.hpp"
#include "core/population.hpp"
#include "core/runtime/clock_dynamics.hpp"
#include "core/runtime/crossing.hpp"
#include "core/runtime/touched_set.hpp"

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
  double next_firing = never;  ///< if nothing arrives; any other prediction is outdated
};

/// All neurons of a population as columns: for checkpoints, and for what is set from outside.
struct EventColumns : PopulationState<double> {
  std::vector<EventNeuron> neurons;
};

/// A prediction that is to enter the queue.
struct Prediction {
  NeuronId neuron;
  double time;  ///< ticks
};
using Predictions = LargeArray<Prediction>;

/// What a batch does to a population.
struct EventBatch {
  double now;
  std::span<const NeuronId> touched;  ///< ascending
  /// [port][neuron] sums of what arrives. The ports of `open` are read and set to zero; nothing ever
  /// arrives at others.
  double* arrived;
  std::span<const std::size_t> open;
  std::vector<NeuronId>& fired;  ///< those that fire are appended, in ascending order
  Predictions& predictions;      ///< those that changed are appended
};

class EventDynamics {
 public:
  virtual ~EventDynamics() = default;

  /// The population at rest at time zero, nothing predicted.
  virtual EventColumns rest() const = 0;
  virtual EventColumns columns() const = 0;
  /// None of the neurons may be refractory unless `has_refractoriness`.
  virtual void assign(const EventColumns& columns) = 0;
  virtual bool has_refractoriness() const = 0;

  /// Remembers the state variables as they stand, to begin from them again.
  virtual void keep_as_start() = 0;
  /// Back to what was kept, nothing predicted; says whether anything was.
  virtual bool back_to_start() = 0;

  /// Advances each touched neuron to `now`, adds what arrived, resets it if it fires and predicts
  /// its next firing.
  virtual void touch(const EventBatch& batch) = 0;

  /// Advances every neuron to `now`.
  virtual void advance_all(double now) = 0;

  /// Predicts the next firing of every neuron anew; those that changed are appended.
  virtual void predict_all(Predictions& predictions) = 0;

  /// All three at once: every neuron at `now`, with its value of a state variable.
  virtual void set(double now, std::size_t variable, std::span<const double> values,
                   Predictions& predictions) = 0;

  /// Marks those of the neurons that are to fire `now` as predicted last.
  virtual void mark_due(std::span<const NeuronId> neurons, double now,
                        TouchedSet& touched) const = 0;

  /// When the neuron fires next if nothing arrives, as predicted last.
  virtual double next_firing(NeuronId i) const = 0;

  /// State variables of neuron i at `now`, without touching it.
  virtual void peek(NeuronId i, double now, double* variables) const = 0;
};

/// What neurons are to be laid out so that none straddles two cache lines which fits one.
constexpr std::size_t event_neuron_alignment(std::size_t bytes) {
  return bytes <= 32 ? 32 : bytes <= 64 ? 64 : alignof(double);
}

/// Bytes of a neuron with so many state variables.
constexpr std::size_t event_neuron_bytes(std::size_t variables, bool refractoriness) {
  const std::size_t bytes = (2 + (refractoriness ? 1 : 0) + variables) * sizeof(double);
  const auto alignment = event_neuron_alignment(bytes);
  return (bytes + alignment - 1) / alignment * alignment;
}

}  // namespace ranvier
