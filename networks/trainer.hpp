#pragma once

/// Training a network on labelled samples, and measuring it.
///
/// Every batch is cut into chunks of a fixed size; each has its own gradient, and these are summed
/// in the order of the chunks. The order of samples is a pure function of (seed, epoch). So the
/// weights come out the same to the bit for any number of threads, and after any stop and resume.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/parameter.hpp"
#include "networks/examples.hpp"
#include "networks/sequential.hpp"
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

/// Trains `network` in place, starting from `state` where that holds weights and from the network's
/// own otherwise; returns false where a hook stopped it. `state` is up to date either way.
/// `validation` may be empty. Throws InvalidValue where the data, the state or the description does
/// not fit the network.
bool fit(Sequential<float>& network, const Examples& train, const Examples& validation,
         const TrainingDescription& description, int threads, TrainingState& state,
         const TrainingHooks& hooks = {});

/// Runs the network over a data set. `seed` matters to encodings that draw random numbers.
Evaluation evaluate(const Sequential<float>& network, const Examples& examples, int threads,
                    std::uint64_t seed = 1);

/// Class scores of every sample after every step, [T][N][K]: what a decision to stop early needs.
std::vector<double> scores_over_time(const Sequential<float>& network, const Examples& examples,
                                     int threads, std::uint64_t seed = 1);

/// The order in which the samples of an epoch are met, a pure function of its arguments.
std::vector<std::uint32_t> shuffled_order(std::size_t samples, std::uint64_t seed,
                                          std::int64_t epoch);

}  // namespace ranvier
