#include "networks/event_learning/event_trainer.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "networks/event_learning/event_chunk.hpp"

namespace ranvier {
namespace {

std::size_t parts(std::size_t whole, std::size_t part) { return (whole + part - 1) / part; }

double share(double part, std::size_t whole) {
  return whole == 0 ? 0.0 : part / static_cast<double>(whole);
}

/// The machinery of one call of `fit`.
class EventTraining {
 public:
  EventTraining(const EventClassifier& classifier, const Examples& examples,
                const EventTrainingDescription& description, int threads, TrainingState& state)
      : classifier_(classifier),
        examples_(examples),
        description_(description),
        threads_(threads),
        state_(state),
        offsets_(weight_offsets(classifier.circuit)),
        optimiser_(optimisers()
                       .at(description.training.optimiser.name)
                       .make<float>(description.training.optimiser.parameters)),
        schedule_(schedules()
                      .at(description.training.schedule.name)
                      .make(description.training.schedule.parameters)),
        batch_size_(static_cast<std::size_t>(parameters().batch_size)),
        chunk_size_(static_cast<std::size_t>(parameters().chunk_size)),
        batches_(parts(examples.size(), batch_size_)),
        gradient_(offsets_.back()),
        chunks_(parts(std::min(batch_size_, examples.size()), chunk_size_)) {
    if (state_.weights.empty()) {
      state_.weights = initial_weights(classifier.circuit, description.training.seed);
    }
    if (state_.weights.size() != offsets_.back()) {
      throw InvalidValue(fmt::format("the training state holds {} weights; expected {}",
                                     state_.weights.size(), offsets_.back()));
    }
    if (state_.epoch < 0 || state_.batch < 0 || state_.batch >= batches()) {
      throw InvalidValue(
          fmt::format("the training state is at batch {} of epoch {}; expected one of {} batches",
                      state_.batch, state_.epoch + 1, batches()));
    }
  }

  std::int64_t batches() const { return static_cast<std::int64_t>(batches_); }

  void start_epoch() {
    order_ = shuffled_order(examples_.size(), description_.training.seed, state_.epoch + 1);
  }

  void train_batch() {
    const auto begin = static_cast<std::size_t>(state_.batch) * batch_size_;
    const auto samples = std::span<const std::uint32_t>(order_).subspan(
        begin, std::min(batch_size_, order_.size() - begin));
    const auto used = parts(samples.size(), chunk_size_);
    const double factor =
        schedule_(state_.epoch * batches() + state_.batch, parameters().epochs * batches());
    differentiate(samples, used);
    sum_gradients(used, samples.size());
    optimiser_->update(gradient_, factor, state_.weights, state_.optimiser);
    raise_silent(used);
    learning_rate_ = factor * optimiser_->learning_rate();
    for (std::size_t c = 0; c < used; ++c) {
      state_.sum.loss += chunks_[c].objective.loss;
      state_.sum.correct += chunks_[c].objective.correct;
    }
    ++state_.batch;
  }

  BatchRecord batch_record() const {
    const auto met =
        std::min(static_cast<std::size_t>(state_.batch) * batch_size_, examples_.size());
    return {.epoch = state_.epoch + 1,
            .batch = state_.batch,
            .batches = batches(),
            .loss = share(state_.sum.loss, met),
            .accuracy = share(static_cast<double>(state_.sum.correct), met)};
  }

  /// Closes an epoch; the record's validation and duration are the caller's.
  EpochRecord finish_epoch() {
    ++state_.epoch;
    EpochRecord record{.epoch = state_.epoch,
                       .learning_rate = learning_rate_,
                       .loss = share(state_.sum.loss, examples_.size()),
                       .accuracy = share(static_cast<double>(state_.sum.correct), examples_.size()),
                       .validation = std::nullopt};
    for (std::size_t q = 0; q + 1 < offsets_.size() && !met_.empty(); ++q) {
      if (met_[q]) continue;
      record.without_gradient.push_back(
          name_of(classifier_.circuit, classifier_.circuit.projections[q]));
    }
    met_.clear();
    state_.batch = 0;
    state_.sum = {};
    return record;
  }

  /// Notes the weights of the epoch just closed where its validation loss is the smallest yet.
  void keep_best() {
    if (parameters().patience == 0 || !state_.history.back().validation) return;
    const double loss = state_.history.back().validation->loss;
    if (state_.best_epoch > 0 && !(loss < state_.best_loss)) return;
    state_.best_loss = loss;
    state_.best_epoch = state_.epoch;
    state_.best_weights = state_.weights;
  }

  bool out_of_patience() const {
    return state_.best_epoch > 0 && state_.epoch - state_.best_epoch >= parameters().patience;
  }

  void restore_best() {
    if (state_.best_epoch > 0) state_.weights = state_.best_weights;
  }

 private:
  const TrainingParameters& parameters() const { return description_.training.parameters; }

  /// Every chunk's sum of the gradients of its samples.
  void differentiate(std::span<const std::uint32_t> samples, std::size_t used) {
    const std::vector<double> weights(state_.weights.begin(), state_.weights.end());
    const auto epoch = static_cast<std::uint32_t>(state_.epoch + 1);
    in_parallel(used, threads_, [&](std::size_t c) {
      auto& chunk = chunks_[c];
      chunk.clear(classifier_.circuit);
      EventChunkPass pass(classifier_, weights);
      const auto end = std::min(samples.size(), (c + 1) * chunk_size_);
      for (std::size_t k = c * chunk_size_; k < end; ++k) {
        pass.differentiate(examples_, samples[k], epoch, chunk);
      }
    });
  }

  /// The gradient of the batch's mean loss, shortened to `clip_norm`: chunks in their order.
  void sum_gradients(std::size_t used, std::size_t samples) {
    auto& sum = chunks_[0].gradient;
    for (std::size_t c = 1; c < used; ++c) {
      for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += chunks_[c].gradient[k];
    }
    double squares = 0.0;
    for (double& g : sum) {
      g /= static_cast<double>(samples);
      squares += g * g;
    }
    const double length = std::sqrt(squares), longest = parameters().clip_norm;
    const double factor = longest > 0.0 && length > longest ? longest / length : 1.0;
    std::ranges::transform(sum, gradient_.begin(),
                           [&](double g) { return static_cast<float>(factor * g); });
    note_gradient();
  }

  /// Remembers which projections have met a gradient in this epoch.
  void note_gradient() {
    met_.resize(offsets_.size() - 1);
    for (std::size_t q = 0; q < met_.size(); ++q) {
      met_[q] =
          met_[q] || std::any_of(gradient_.begin() + static_cast<std::ptrdiff_t>(offsets_[q]),
                                 gradient_.begin() + static_cast<std::ptrdiff_t>(offsets_[q + 1]),
                                 [](float g) { return g != 0.0F; });
    }
  }

  bool is_silent(std::size_t population, std::size_t neuron, std::size_t used) const {
    return std::none_of(
        chunks_.begin(), chunks_.begin() + static_cast<std::ptrdiff_t>(used),
        [&](const EventChunk& chunk) { return chunk.fired[population][neuron] != 0; });
  }

  void raise_silent(std::size_t used) {
    const auto bump = static_cast<float>(description_.silent.bump);
    if (bump == 0.0F) return;
    const auto& circuit = classifier_.circuit;
    for (std::size_t q = 0; q < circuit.projections.size(); ++q) {
      const auto target = circuit.projections[q].target;
      const auto sources = sources_of(circuit, circuit.projections[q]);
      for (std::size_t i = 0; i < circuit.populations[target].size; ++i) {
        if (!is_silent(target, i, used)) continue;
        const auto row = std::span(state_.weights).subspan(offsets_[q] + i * sources, sources);
        for (float& weight : row) weight += bump;
      }
    }
  }

  const EventClassifier& classifier_;
  const Examples& examples_;
  const EventTrainingDescription& description_;
  int threads_;
  TrainingState& state_;
  std::vector<std::size_t> offsets_;
  std::unique_ptr<Optimiser<float>> optimiser_;
  Schedule schedule_;
  std::size_t batch_size_, chunk_size_, batches_;
  std::vector<float> gradient_;
  std::vector<EventChunk> chunks_;
  std::vector<std::uint32_t> order_;
  std::vector<char> met_;  ///< by projection, whether it has met a gradient in this epoch
  double learning_rate_ = 0.0;
};

/// A validation in the terms of a training record.
Evaluation record_of(const EventEvaluation& measured, const EventCircuit& circuit) {
  Evaluation record{.loss = measured.loss, .accuracy = measured.accuracy, .rates = measured.spikes};
  for (std::size_t p = 0; p < record.rates.size(); ++p) {
    record.rates[p] /= static_cast<double>(circuit.populations[p].size);
  }
  return record;
}

}  // namespace

bool fit(const EventClassifier& classifier, const Examples& train, const Examples& validation,
         const EventTrainingDescription& description, int threads, TrainingState& state,
         const TrainingHooks& hooks) {
  validate(classifier.circuit);
  require_fit(train, classifier, "the training set");
  require_fit(validation, classifier, "the validation set");
  if (train.size() == 0) throw InvalidValue("the training set is empty; expected samples");
  EventTraining training(classifier, train, description, threads, state);
  const auto epochs = description.training.parameters.epochs;
  while (state.epoch < epochs && !training.out_of_patience()) {
    const auto start = std::chrono::steady_clock::now();
    training.start_epoch();
    while (state.batch < training.batches()) {
      training.train_batch();
      if (hooks.batch) hooks.batch(training.batch_record());
      if (state.batch < training.batches() && hooks.stop && hooks.stop()) return false;
    }
    auto record = training.finish_epoch();
    record.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (validation.size() > 0) {
      record.validation =
          record_of(evaluate(classifier, state.weights, validation, threads), classifier.circuit);
    }
    state.history.push_back(record);
    training.keep_best();
    if (hooks.epoch) hooks.epoch(record, state);
    if (training.out_of_patience()) break;
    if (state.epoch < epochs && hooks.stop && hooks.stop()) return false;
  }
  training.restore_best();
  return true;
}

}  // namespace ranvier
