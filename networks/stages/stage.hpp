#pragma once

/// Stages: the differentiable maps a layered network is made of, each from an activity over a window
/// to another. A layer is one or a few of them: synapses, normalisation, neurons.
///
/// A stage holds no weights: the network keeps those of all its stages in one vector and hands each
/// its part. It holds no activity either, so one stage serves all threads; what a chunk of samples
/// leaves behind is in a StageRecord.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/runtime/gradient.hpp"
#include "networks/linear_map.hpp"
#include "networks/shape.hpp"
#include "networks/stages/sparse_patches.hpp"
#include "plasticity/weight_rule.hpp"

namespace ranvier {

/// Activity over a window: [T][B][n], or [1][B][n] where every step is the same.
template <class Real>
struct Activity {
  std::span<const Real> values;
  std::size_t steps = 0;
  std::size_t samples = 0;
  bool constant = false;

  std::size_t rows() const noexcept { return (constant ? 1 : steps) * samples; }
};

/// A chunk of samples in some steps of their presentation.
struct ChunkWindow {
  std::uint64_t seed = 0;
  std::uint32_t epoch = 0;                 ///< 0 in evaluation
  std::span<const std::uint32_t> samples;  ///< [B] index of each in its data set

  bool training() const noexcept { return epoch > 0; }
};

/// The numbers a stage works with.
template <class Real>
struct StageNumbers {
  std::span<const Real> trained;
  std::span<const Real> statistics;       ///< running averages, used in evaluation
  std::span<const double> batch;          ///< in training: what BatchStage::settle made
  std::span<const double> batch_adjoint;  ///< on the way back: what BatchStage::collect_back summed
  std::size_t batch_count = 0;            ///< values of each sum
};

/// What one chunk leaves behind in a stage. Each stage uses some of the vectors, which grow to the
/// largest chunk met.
template <class Real>
struct StageRecord {
  CarriedState<Real> state;        ///< of neurons, at the end of the window
  std::vector<Real> last;          ///< [B][n] output of the last step, where it comes back as input
  std::vector<Real> before;        ///< [B][n] the same before the window
  Tape<Real> tape;                 ///< of neurons
  std::vector<Real> adjoint;       ///< dL/d(state.variables)
  std::vector<Real> last_adjoint;  ///< dL/d(last)
  std::vector<std::uint32_t> from;  ///< where each value of a maximum came from
  std::vector<Real> drive;          ///< [T][B][n] of recurrent neurons
  SpikeRows spikes;  ///< input of dense synapses in the window; empty where it is no sparse spikes
  SparseRoom<Real> sparse;  ///< of convolutions
  std::vector<Real> scratch, feedback;
};

/// A block of trainable numbers: its name, its shape and its place among its owner's numbers.
struct Tensor {
  std::string name;
  std::vector<std::size_t> shape;
  std::size_t offset = 0;

  std::size_t size() const noexcept {
    std::size_t product = 1;
    for (const auto extent : shape) product *= extent;
    return product;
  }
};

/// A chunk at a stage: what it works with, on the way forward and back.
template <class Real>
struct StagePass {
  ChunkWindow window;
  StageNumbers<Real> numbers;
  Activity<Real> input;
  const SpikeFunction<Real>& threshold;
  StageRecord<Real>& record;
  Credit credit{};      ///< on the way back: the paths to follow
  bool traced = false;  ///< on the way back: whether `input` is the trace of what went forward
};

/// What a stage looks at on the way back. `grad_input` is shaped as the input where the stage is
/// steady, else [T][B][n]; empty where not asked for.
template <class Real>
struct StageGradients {
  std::span<const Real> output;  ///< what `forward` wrote
  std::span<const Real> grad_output;
  std::span<Real> grad_input;
  std::span<Real> grad_trained;  ///< added to; empty where PooledSynapses is to do it
};

template <class Real>
class BatchStage;
template <class Real>
class PooledSynapses;

template <class Real>
class Stage {
 public:
  virtual ~Stage() = default;

  virtual Shape shape() const = 0;
  /// Whether the output is spikes.
  virtual bool spiking() const { return false; }
  /// Whether an input that is the same at every step gives an output that is.
  virtual bool steady() const { return true; }
  /// Trainable numbers and running averages.
  virtual std::vector<Tensor> tensors() const { return {}; }
  virtual std::vector<Tensor> statistics() const { return {}; }
  /// Fills both; `index` tells the stages of a network apart.
  virtual void initialise(std::uint64_t /*seed*/, std::uint32_t /*index*/,
                          std::span<Real> /*trained*/, std::span<Real> /*statistics*/) const {}

  /// The record at time zero.
  virtual void begin(std::size_t /*samples*/, StageRecord<Real>& /*record*/) const {}

  /// Writes `output` [T][B][n], or [1][B][n] where the stage is steady and the input constant.
  virtual void forward(const StagePass<Real>& pass, std::span<Real> output) const = 0;

  /// Adjoint of `forward`, which left the record and the output.
  virtual void backward(const StagePass<Real>& pass,
                        const StageGradients<Real>& gradients) const = 0;

  /// Whether `grad_input` may be the memory of `grad_output`: each value is written when it and those
  /// of later steps have been read.
  virtual bool backward_in_place() const { return false; }

  /// The stage as one that needs sums over the whole batch, or null.
  virtual const BatchStage<Real>* over_batch() const { return nullptr; }
  /// The stage as one whose weights learn from all chunks of a batch together, or null.
  virtual const PooledSynapses<Real>* pooled() const { return nullptr; }
  /// Of neurons: what is left of the membrane after a step; of other stages 0.
  virtual double leak() const { return 0.0; }
  /// What the stage does in evaluation, where that is linear; nothing for the others.
  virtual std::optional<LinearMap> linear(const StageNumbers<Real>& /*numbers*/) const {
    return std::nullopt;
  }
};

/// A stage that looks at all samples of a batch at once: the chunks' sums are added in their order,
/// so that they do not depend on threads.
template <class Real>
class BatchStage : public Stage<Real> {
 public:
  const BatchStage<Real>* over_batch() const final { return this; }

  /// Numbers in a row of sums, and values per row of the input that go into each.
  virtual std::size_t sums() const = 0;
  virtual std::size_t values_per_row() const = 0;
  /// Sums of a chunk's input, into [sums].
  virtual void collect(const Activity<Real>& input, std::span<double> sums) const = 0;
  /// Makes of a batch's sums of `count` values what `forward` needs.
  virtual void settle(std::size_t count, std::span<double> sums) const = 0;
  /// Sums on the way back, into [sums].
  virtual void collect_back(const ChunkWindow& window, const StageNumbers<Real>& numbers,
                            const Activity<Real>& input, std::span<const Real> grad_output,
                            std::span<double> sums) const = 0;
  /// Moves the running averages towards a batch.
  virtual void update(std::span<const double> batch, std::size_t count,
                      std::span<Real> statistics) const = 0;
};

/// Synapses between so many neurons that a gradient of their own for every chunk would be more to
/// write and to add up than to compute. The chunks leave what stood on both sides of the synapses;
/// then ranges of outputs go to threads, which add up the chunks in their order.
template <class Real>
class PooledSynapses : public Stage<Real> {
 public:
  const PooledSynapses<Real>* pooled() const final { return this; }

  virtual std::size_t inputs() const = 0;
  virtual std::size_t outputs() const = 0;
  /// Adds to `grad_trained` what `activity`, of the outputs from `first` on, gives their synapses.
  virtual void accumulate(const SynapticActivity<Real>& activity, std::size_t first,
                          std::span<Real> grad_trained) const = 0;
};

}  // namespace ranvier
