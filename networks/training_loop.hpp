#pragma once

/// The course of a training, whatever is trained: epochs of batches in an order that is a pure function
/// of (seed, epoch), records, early stopping, stops at the caller's wish and going on from a state.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/parameter.hpp"
#include "networks/layers/layer.hpp"
#include "plasticity/objective.hpp"
#include "plasticity/optimiser.hpp"
#include "plasticity/rate_regularisation.hpp"
#include "plasticity/schedule.hpp"

namespace ranvier {

struct TrainingParameters {
  std::int64_t epochs = 10;
  std::int64_t batch_size = 128;
  std::int64_t chunk_size = 0;
  double clip_norm = 0.0;
  std::int64_t patience = 0;

  static std::vector<Field<TrainingParameters>> fields();

  /// `chunk_size`, or what 0 stands for.
  std::size_t samples_of_chunk() const;
};

struct TrainingDescription {
  TrainingParameters parameters;
  Choice optimiser{"adam", {}};
  Choice schedule{"cosine", {}};
  RateRegularisation penalty;
  std::uint64_t seed = 1;
};

/// How well a network does on a data set.
struct Evaluation {
  double loss = 0.0;          ///< mean over samples
  double accuracy = 0.0;      ///< share of samples whose label has the highest score at the end
  std::vector<double> rates;  ///< of each layer, in spikes per neuron and step; 0 if it has none
};

/// One epoch of training.
struct EpochRecord {
  std::int64_t epoch = 0;      ///< 1 is the first
  double learning_rate = 0.0;  ///< at its last batch
  double loss = 0.0;           ///< mean over samples as they were met
  double penalty = 0.0;        ///< likewise, of the firing rates
  double accuracy = 0.0;       ///< likewise
  std::optional<Evaluation> validation;
  double seconds = 0.0;
  std::vector<std::string> without_gradient{};  ///< tensors whose gradient was zero all along
};

/// All that a training run carries from batch to batch: store it, and `fit` goes on from there to
/// the same weights as an unbroken run.
struct TrainingState {
  std::int64_t epoch = 0;         ///< complete epochs
  std::int64_t batch = 0;         ///< batches done of the next one
  Objective sum;                  ///< over the samples of those batches
  std::vector<float> weights;     ///< as Sequential::parameters
  std::vector<float> statistics;  ///< as Sequential::statistics
  OptimiserState<float> optimiser;
  std::vector<EpochRecord> history;
  /// With patience, what the epoch of the smallest validation loss left; epoch 0: none yet.
  std::int64_t best_epoch = 0;
  double best_loss = 0.0;
  std::vector<float> best_weights, best_statistics;
};

/// Progress within an epoch.
struct BatchRecord {
  std::int64_t epoch = 0;
  std::int64_t batch = 0;    ///< 1 is the first
  std::int64_t batches = 0;  ///< of an epoch
  double loss = 0.0;         ///< mean over the epoch so far
  double accuracy = 0.0;
};

/// Where a caller looks in or asks to stop. All may be empty.
struct TrainingHooks {
  std::function<void(const BatchRecord&)> batch;
  std::function<void(const EpochRecord&, const TrainingState&)> epoch;
  std::function<bool()> stop;  ///< asked after every batch
};

/// What is trained: weights in a state, and what a batch does to them.
class Learner {
 public:
  virtual ~Learner() = default;

  /// Learns from a batch at `factor` times the optimiser's learning rate; returns that rate. Adds the
  /// batch's objective to `sum`.
  virtual double learn(std::span<const std::uint32_t> samples, double factor, Objective& sum) = 0;
  /// Writes the weights into the state, and takes them from there.
  virtual void save() = 0;
  virtual void load() = 0;
  /// What has met no gradient since the last call, by name.
  virtual std::vector<std::string> without_gradient() = 0;
  /// On held-out samples, where there are any.
  virtual std::optional<Evaluation> validate() const = 0;
};

/// Trains on `samples` samples from where `state` stands, whose weights the learner holds; returns
/// false where a hook stopped it. `state` is up to date either way. Throws InvalidValue where the state
/// does not fit.
bool run_training(Learner& learner, std::size_t samples, const TrainingDescription& description,
                  TrainingState& state, const TrainingHooks& hooks);

/// Throws InvalidValue below one.
void check_threads(int threads);

/// Throws InvalidValue for a parameter out of its bounds, no threads, or no samples.
void check_training(const TrainingDescription& description, int threads, std::size_t samples);

/// Which of some blocks of numbers have met a gradient that is not zero.
class GradientWatch {
 public:
  struct Block {
    std::string name;
    std::size_t first, count;
  };

  explicit GradientWatch(std::vector<Block> blocks) : blocks_(std::move(blocks)) {}

  void note(std::span<const float> gradient);
  /// Names of those that have not, of all batches since the last call; none without a batch.
  std::vector<std::string> take_unmet();

 private:
  std::vector<Block> blocks_;
  std::vector<char> met_;
};

/// Shortens a gradient longer than `longest`; 0 leaves it.
void clip(double longest, std::span<float> gradient);

/// Pieces of at most `part` that `whole` falls into.
constexpr std::size_t parts(std::size_t whole, std::size_t part) {
  return (whole + part - 1) / part;
}

/// The `i`-th piece of at most `size` elements.
template <class T>
std::span<T> piece(std::span<T> whole, std::size_t i, std::size_t size) {
  return whole.subspan(i * size, std::min(size, whole.size() - i * size));
}

/// `part` of each of `whole`; 0 of none.
inline double share(double part, std::size_t whole) {
  return whole == 0 ? 0.0 : part / static_cast<double>(whole);
}

/// The order in which the samples of an epoch are met, a pure function of its arguments.
std::vector<std::uint32_t> shuffled_order(std::size_t samples, std::uint64_t seed,
                                          std::int64_t epoch);

}  // namespace ranvier
