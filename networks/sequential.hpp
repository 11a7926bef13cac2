#pragma once

/// A layered network that learns: an encoding, layers one after another (with branches that join
/// again, where wanted), and a readout that turns the last layer's activity into class scores. Within
/// a step activity passes through all layers, so an answer exists after one step whatever the depth.
///
/// The presentation of a sample may be cut into windows of steps. Then only where each window starts
/// is remembered on the way forward, and a window is run again on its way back: memory falls by the
/// number of windows for one more forward pass, and the gradient stays the same. A truncated gradient
/// does not cross from a window to the one before.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/parameter.hpp"
#include "networks/encoding.hpp"
#include "networks/layers/layer.hpp"
#include "networks/sequential_trace.hpp"
#include "plasticity/credit.hpp"
#include "plasticity/loss.hpp"
#include "plasticity/objective.hpp"
#include "plasticity/rate_regularisation.hpp"
#include "plasticity/surrogate.hpp"

namespace ranvier {

/// What a network is, without its weights. The last layer has one neuron per class.
struct SequentialDescription {
  std::size_t inputs = 0;
  std::size_t steps = 10;
  double step = 1.0;  ///< duration of one step in ms
  Choice encoding{"current", {}};
  std::vector<LayerDescription> layers;
  Choice surrogate{"fast_sigmoid", {}};
  Choice loss{"mean_membrane", {}};
  bool detach_reset = true;     ///< no gradient through the spike in the reset
  Shape shape{};                ///< of a sample; of size 0: a channel for each of `inputs`
  std::size_t window = 0;       ///< steps of a window; 0: all
  bool truncated = false;       ///< no gradient from a window to the one before
  std::string credit = "bptt";  ///< of the registry of credit rules
  std::string error_transport = "transpose";  ///< of the registry of error transports
};

/// A layer of a network as others see it.
struct LayerView {
  std::string name;
  Shape shape;
  bool spiking = false;

  std::size_t outputs() const noexcept { return shape.size(); }
};

/// A chunk of a batch and where its share of the results goes.
template <class Real>
struct ChunkTask {
  SequentialTrace<Real>* trace = nullptr;
  std::span<const std::uint8_t> labels;
  std::span<Real> grad_parameters;  ///< added to
  std::span<Real> grad_values{};    ///< [B][D] written; empty: not asked for
  bool pooled = false;              ///< whether add_pooled is to follow
  Objective objective{};
};

/// What stood on both sides of pooled synapses in a batch: the chunks' own rows, or copies of them.
template <class Real>
struct PooledRows {
  std::vector<SynapticActivity<Real>> activity;
  std::vector<Real> presynaptic, error;
};

/// Some of a network's trainable numbers.
struct NumberRange {
  std::size_t first, count;
};

/// A stage of a network with its numbers, and the nodes its input comes from.
template <class Real>
struct GraphNode {
  const Stage<Real>* stage;
  std::size_t input;
  std::size_t add;
  std::size_t layer;
  StageNumbers<Real> numbers;
};

template <class Real>
class Sequential {
 public:
  /// In place of a node: the encoded sample as input, or nothing to add.
  static constexpr std::size_t encoded = static_cast<std::size_t>(-1);

  /// Draws the initial weights from `seed`. With `smoothed` spikes are replaced by the smooth
  /// functions the surrogate derivatives belong to, so that finite differences of the loss equal
  /// the gradient. Throws UnknownName, InvalidValue or Unsupported, naming the layer or part.
  Sequential(SequentialDescription description, std::uint64_t seed, bool smoothed = false);

  const SequentialDescription& description() const noexcept { return description_; }
  std::size_t inputs() const noexcept { return description_.inputs; }
  std::size_t classes() const noexcept { return layers_.back().outputs(); }
  std::size_t steps() const noexcept { return description_.steps; }
  const LayerView& layer(std::size_t index) const { return layers_.at(index); }
  std::size_t layer_count() const noexcept { return layers_.size(); }

  /// All trainable numbers: tensor after tensor, layer after layer.
  std::span<Real> parameters() noexcept { return parameters_; }
  std::span<const Real> parameters() const noexcept { return parameters_; }
  /// Running averages and other numbers that come with them but are not trained.
  std::span<Real> statistics() noexcept { return statistics_; }
  std::span<const Real> statistics() const noexcept { return statistics_; }

  /// Where each tensor lies in `parameters()`; names are "<layer>.weight", "<layer>.bias".
  const std::vector<Tensor>& tensors() const noexcept { return tensors_; }
  /// Likewise in `statistics()`.
  const std::vector<Tensor>& statistic_tensors() const noexcept { return statistic_tensors_; }
  /// The tensor called `name`, trained or not; throws UnknownName.
  std::span<Real> tensor(std::string_view name);
  std::span<const Real> tensor(std::string_view name) const;

  /// The stages in the order in which activity passes.
  std::vector<GraphNode<Real>> graph() const;

  /// Whether a stage looks at a whole batch at once.
  bool over_batch() const noexcept;

  /// Runs `trace.values` [B][D], which the caller fills, with `trace.samples` their index in the
  /// data set. `epoch` is 0 in evaluation.
  void forward(std::uint64_t seed, std::uint32_t epoch, SequentialTrace<Real>& trace) const;
  /// The same for all chunks of a batch, on `threads` threads; sums over the batch go to `sums`.
  void forward(std::uint64_t seed, std::uint32_t epoch, std::span<ChunkTask<Real>> chunks,
               BatchSums& sums, int threads) const;

  /// Output of the last layer after `forward`.
  Output<Real> output(const SequentialTrace<Real>& trace) const;
  /// Output of any layer in the last window, [T][B][n].
  std::vector<Real> layer_output(std::size_t layer, const SequentialTrace<Real>& trace) const;
  /// Spikes of each layer over the whole presentation, summed; 0 for one that sends none.
  std::vector<double> spike_counts(const SequentialTrace<Real>& trace) const;

  /// Loss and penalty of the chunk after `forward`.
  Objective objective(std::span<const std::uint8_t> labels, const RateRegularisation& penalty,
                      const SequentialTrace<Real>& trace) const;

  /// The same plus the gradient of `weight` times it: added to `grad_parameters` and, unless that is
  /// empty, written to `grad_values` [B][D].
  Objective backward(std::span<const std::uint8_t> labels, const RateRegularisation& penalty,
                     double weight, SequentialTrace<Real>& trace, std::span<Real> grad_parameters,
                     std::span<Real> grad_values = {}) const;
  /// The same for all chunks of a batch after `forward` of them.
  void backward(const RateRegularisation& penalty, double weight, std::span<ChunkTask<Real>> chunks,
                BatchSums& sums, int threads) const;

  /// After `backward` of `pooled` chunks: adds to `gradient` of all trainable numbers the part of
  /// those that learn from a batch as a whole. `rows` is room.
  void add_pooled(std::span<ChunkTask<Real>> chunks, std::span<Real> gradient,
                  std::vector<PooledRows<Real>>& rows, int threads) const;
  /// The trainable numbers that learn from each chunk alone, also of `pooled` ones.
  std::vector<NumberRange> chunk_ranges() const;

  /// Moves the running averages towards a batch that `forward` has met.
  void update_statistics(const BatchSums& sums);

  /// The first number of a chunk that is not finite: "layer 'hidden' at step 3 of sample 7"; empty
  /// where all are.
  std::string first_not_finite(const SequentialTrace<Real>& trace) const;

  /// The loss, whose readout also defines the scores of the classes after each step.
  const Loss<Real>& loss() const noexcept { return *loss_; }

 private:
  /// A stage and where its input comes from: another node, or the encoded sample.
  struct Node {
    std::unique_ptr<Stage<Real>> stage;
    std::size_t input;  ///< `encoded` for the sample
    std::size_t add;    ///< a node whose output is added; `encoded`: none
    std::size_t layer;
    std::size_t first_parameter = 0, parameters = 0;
    std::size_t first_statistic = 0, statistics = 0;
    bool neurons = false;                  ///< a population or an activation
    std::vector<std::size_t> last_read{};  ///< nodes whose output no later node reads
    bool feeds_pool = false;               ///< whether pooled synapses read the output
    /// Of synapses: what is left of the membrane behind them after a step.
    double leak = 0.0;
    std::size_t first_feedback = 0, feedback = 0;  ///< direct, in the statistics
  };

  /// One window of the presentation.
  struct Steps {
    std::size_t first, count;
  };

  void build_layer(std::size_t index);
  std::size_t add_node(std::unique_ptr<Stage<Real>> stage, std::size_t input, std::size_t layer);
  void mark_neurons(std::size_t node);
  void place_numbers(std::uint64_t seed);
  void place_feedback(std::uint64_t seed);
  void find_readers();
  std::size_t output_node_of(std::string_view layer, std::size_t asking) const;
  std::span<const Real> find_tensor(std::string_view name) const;

  std::vector<Steps> windows() const;
  ChunkWindow chunk_window(const SequentialTrace<Real>& trace) const;
  StageNumbers<Real> numbers_of(std::size_t node, const BatchSums& sums) const;
  Activity<Real> activity_of(std::size_t node, const SequentialTrace<Real>& trace,
                             const Steps& steps) const;
  Presentation presentation(const SequentialTrace<Real>& trace) const;
  const SpikeFunction<Real>& threshold() const noexcept;

  void encode(std::uint64_t seed, std::uint32_t epoch, SequentialTrace<Real>& trace) const;
  void run_window(const Steps& steps, std::span<ChunkTask<Real>> chunks, BatchSums& sums,
                  int threads) const;
  void measure(std::size_t node, const Steps& steps, std::span<ChunkTask<Real>> chunks,
               BatchSums& sums, int threads) const;
  void run_node(std::size_t node, const Steps& steps, SequentialTrace<Real>& trace,
                const BatchSums& sums) const;
  void keep_output(const Steps& steps, SequentialTrace<Real>& trace) const;

  void judge(double weight, ChunkTask<Real>& chunk) const;
  void pull_back_window(const Steps& steps, const RateRegularisation& penalty, double weight,
                        std::span<ChunkTask<Real>> chunks, BatchSums& sums, int threads) const;
  void measure_back(std::size_t node, const Steps& steps, std::span<ChunkTask<Real>> chunks,
                    BatchSums& sums, int threads) const;
  /// What the credit rule takes for the input of synapses: it, or its trace.
  Activity<Real> presynaptic(std::size_t node, const Activity<Real>& input,
                             SequentialTrace<Real>& trace) const;
  /// The error that the output sends straight to a hidden layer.
  void receive_directly(std::size_t node, const Steps& steps, SequentialTrace<Real>& trace) const;
  bool constant_input() const;
  void pull_back_node(std::size_t node, const Steps& steps, ChunkTask<Real>& chunk,
                      const BatchSums& sums) const;
  bool is_regularised(const RateRegularisation& penalty, std::size_t node) const;

  /// Spikes between the way forward and the way back (sequential_storage.cpp).
  void store_spikes(std::size_t node, SequentialTrace<Real>& trace) const;
  void recall_spikes(std::size_t node, SequentialTrace<Real>& trace) const;
  void let_go(std::size_t node, SequentialTrace<Real>& trace) const;
  /// Output of a node, which `room` holds where it is stored.
  std::span<const Real> stored_output(std::size_t node, const SequentialTrace<Real>& trace,
                                      std::vector<Real>& room) const;

  bool pools(std::size_t node) const;
  SynapticActivity<Real> met(std::size_t node, const SequentialTrace<Real>& trace) const;
  void join(std::size_t node, std::span<ChunkTask<Real>> chunks, PooledRows<Real>& rows) const;

  SequentialDescription description_;
  bool smoothed_;
  CreditRule credit_;
  bool direct_ = false;  ///< whether errors come from the output straight to each layer
  std::unique_ptr<Encoding<Real>> encoding_;
  std::vector<Node> nodes_;
  std::vector<LayerView> layers_;
  std::vector<std::size_t> outputs_;  ///< the last node of each layer
  std::unique_ptr<Surrogate<Real>> surrogate_;
  std::unique_ptr<SmoothedThreshold<Real>> smooth_threshold_;
  std::unique_ptr<Loss<Real>> loss_;
  std::vector<Tensor> tensors_, statistic_tensors_;
  std::vector<Real> parameters_, statistics_;
};

}  // namespace ranvier
