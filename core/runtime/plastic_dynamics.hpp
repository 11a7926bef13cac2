#pragma once

/// The plastic synapses of a bundle onto the neurons of one thread, as the clock runtime drives them.
///
/// A weight is brought up to date when a spike of its source arrives: with the spikes of its target
/// since the arrival before, then with the arriving spike itself, and then it acts. Between arrivals
/// only spikes of the target change a weight, so that what is pending can be settled at any time
/// without a trace in the result (docs/engine.md, "Plastic projections").

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "core/archive.hpp"
#include "core/population.hpp"
#include "core/runtime/packed_rows.hpp"
#include "core/time_grid.hpp"

namespace ranvier {

/// Earlier than any step, and far enough from the limits to be reckoned with.
inline constexpr Step no_emission = std::numeric_limits<Step>::min() / 4;

/// A spike on its way to plastic synapses: several of one source can be under way at once, each with
/// what its source was like before.
struct PreSpike {
  Step emitted;
  Step previous;  ///< emission before this one, or `no_emission`
  double before;  ///< trace of the source just before `previous`
};

/// A piece of a row.
struct Piece {
  std::uint64_t begin;
  std::uint64_t count;
  std::size_t delay;  ///< steps
};

/// What a spike left behind in the post trace of a neuron.
struct PostSpike {
  Step step;
  double trace;  ///< just after it
};

template <class Real>
class PlasticDynamics {
 public:
  virtual ~PlasticDynamics() = default;

  /// Before time zero: nobody has fired.
  virtual void reset() = 0;

  /// A source fires: its record, and its trace goes on. To be called for every spike of every
  /// source, in order.
  virtual PreSpike emit(NeuronId source, Step step) = 0;

  /// Neurons of the thread fire, numbered from its first one. `longest`: the longest delay of the
  /// rows.
  virtual void fire(std::span<const NeuronId> neurons, NeuronId first, Step step,
                    std::size_t longest) = 0;

  /// A spike arrives at a piece of its row: weights change, and are added to their cells.
  virtual void deliver(PackedRows& rows, const Piece& piece, const PreSpike& spike,
                       Real* arrivals) = 0;

  /// The last emission of a source, as the record of a spike yet to come.
  virtual PreSpike latest(NeuronId source) const = 0;

  /// Brings weights of a piece up to date with everything up to `step` that no later arrival can
  /// precede. `next`: of the first spike that has not arrived yet. `weights`: those of the piece.
  virtual void settle(const PackedRows& rows, const Piece& piece, const PreSpike& next, Step step,
                      Real* weights) const = 0;

  /// All weights have been settled up to `step`; spikes that are no longer needed may go.
  virtual void set_settled(Step step, std::size_t longest) = 0;
  virtual Step settled() const = 0;

  /// For checkpoints. A rewind makes `spike` the next that its source emits.
  virtual void rewind(NeuronId source, const PreSpike& spike) = 0;
  virtual std::vector<PostSpike> history(NeuronId neuron) const = 0;  ///< newest first
  virtual void set_history(NeuronId neuron, std::span<const PostSpike> newest_first) = 0;

  virtual std::size_t bytes() const = 0;
};

}  // namespace ranvier
