#pragma once

/// The events of the `event` runtime, and the order in which those of one time and level are summed.

#include <cstdint>
#include <tuple>
#include <vector>

#include "core/population.hpp"

namespace ranvier {

enum class EventKind : std::uint32_t { row, stimulus, firing, volley, firings };

/// A row on its way to its targets, the next arrival from a stimulus, or a predicted spike. Many of
/// one time are one event with a list of neurons: a volley, the rows of all neurons of a population
/// that fired together, where their delay is the same, and firings, predictions of one tick.
struct Event {
  double time;  ///< ticks
  std::uint32_t level;
  EventKind kind;
  std::uint32_t owner;   ///< projection, the first of a tract, stimulus or population
  NeuronId neuron;       ///< source, target or neuron
  double emitted;        ///< row: when the source fired; stimulus: amount
  std::uint64_t cursor;  ///< row: next synapse; stimulus: ordinal; volley, firings: the list
};

/// The convention of core/bundle.hpp: emission time, bundle, source, projection; stimuli; zero-delay
/// arrivals. Predicted spikes add nothing and have no place in it; a volley holds its own sources in
/// order, and no row of its projections was emitted at its time beside it.
struct SummingOrder {
  const std::vector<std::uint32_t>& bundle;  ///< of each projection

  auto key(const Event& e) const {
    // A stimulus counts as emitted now, ahead of every zero-delay row.
    const bool row = e.kind != EventKind::stimulus;
    return std::tuple(row ? e.emitted : e.time, row ? 1 + bundle[e.owner] : 0, e.neuron, e.owner);
  }
  bool operator()(const Event& a, const Event& b) const { return key(a) < key(b); }
};

}  // namespace ranvier
