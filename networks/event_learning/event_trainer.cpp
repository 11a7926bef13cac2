#include "networks/event_learning/event_trainer.hpp"

#include <algorithm>
#include <functional>
#include <memory>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "networks/event_learning/event_chunk.hpp"

namespace ranvier {
namespace {

/// A validation in the terms of a training record.
Evaluation record_of(const EventEvaluation& measured, const EventCircuit& circuit) {
  Evaluation record{.loss = measured.loss, .accuracy = measured.accuracy, .rates = measured.spikes};
  for (std::size_t p = 0; p < record.rates.size(); ++p) {
    record.rates[p] /= static_cast<double>(circuit.populations[p].size);
  }
  return record;
}

/// A circuit whose weights, those of the state, learn from batches.
class EventLearner final : public Learner {
 public:
  EventLearner(const EventClassifier& classifier, const Examples& train, const Examples& validation,
               const EventTrainingDescription& description, int threads, TrainingState& state)
      : classifier_(classifier),
        examples_(train),
        validation_(validation),
        description_(description),
        threads_(threads),
        state_(state),
        offsets_(weight_offsets(classifier.circuit)),
        optimiser_(optimisers()
                       .at(description.training.optimiser.name)
                       .make<float>(description.training.optimiser.parameters)),
        chunk_size_(parameters().samples_of_chunk()),
        gradient_(offsets_.back()),
        chunks_(parts(std::min(static_cast<std::size_t>(parameters().batch_size), train.size()),
                      chunk_size_)),
        watch_(blocks_of(classifier.circuit, offsets_)) {
    if (state_.weights.empty()) {
      state_.weights = initial_weights(classifier.circuit, description.training.seed);
    }
    if (state_.weights.size() != offsets_.back()) {
      throw InvalidValue(fmt::format("the training state holds {} weights; expected {}",
                                     state_.weights.size(), offsets_.back()));
    }
  }

  double learn(std::span<const std::uint32_t> samples, double factor, Objective& sum) override {
    const auto used = parts(samples.size(), chunk_size_);
    differentiate(samples, used);
    average_gradients(used, samples.size());
    watch_.note(gradient_);
    clip(parameters().clip_norm, gradient_);
    optimiser_->update(gradient_, factor, state_.weights, state_.optimiser);
    raise_silent(used);
    for (std::size_t c = 0; c < used; ++c) add(chunks_[c].objective, sum);
    return factor * optimiser_->learning_rate();
  }

  // The weights never leave the state.
  void save() override {}
  void load() override {}

  std::vector<std::string> without_gradient() override { return watch_.take_unmet(); }

  std::optional<Evaluation> validate() const override {
    if (validation_.size() == 0) return std::nullopt;
    return record_of(evaluate(classifier_, state_.weights, validation_, threads_),
                     classifier_.circuit);
  }

 private:
  static std::vector<GradientWatch::Block> blocks_of(const EventCircuit& circuit,
                                                     const std::vector<std::size_t>& offsets) {
    std::vector<GradientWatch::Block> blocks;
    for (std::size_t q = 0; q < circuit.projections.size(); ++q) {
      blocks.push_back({"the projection " + name_of(circuit, circuit.projections[q]), offsets[q],
                        offsets[q + 1] - offsets[q]});
    }
    return blocks;
  }

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

  /// The gradient of the batch's mean loss: chunks in their order.
  void average_gradients(std::size_t used, std::size_t samples) {
    auto& sum = chunks_[0].gradient;
    for (std::size_t c = 1; c < used; ++c) {
      std::ranges::transform(sum, chunks_[c].gradient, sum.begin(), std::plus<>{});
    }
    std::ranges::transform(sum, gradient_.begin(), [&](double g) {
      return static_cast<float>(g / static_cast<double>(samples));
    });
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
  const Examples& validation_;
  const EventTrainingDescription& description_;
  int threads_;
  TrainingState& state_;
  std::vector<std::size_t> offsets_;
  std::unique_ptr<Optimiser<float>> optimiser_;
  std::size_t chunk_size_;
  std::vector<float> gradient_;
  std::vector<EventChunk> chunks_;
  GradientWatch watch_;
};

}  // namespace

bool fit(const EventClassifier& classifier, const Examples& train, const Examples& validation,
         const EventTrainingDescription& description, int threads, TrainingState& state,
         const TrainingHooks& hooks) {
  validate(classifier.circuit);
  require_fit(train, classifier, "the training set");
  require_fit(validation, classifier, "the validation set");
  check_training(description.training, threads, train.size());
  EventLearner learner(classifier, train, validation, description, threads, state);
  return run_training(learner, train.size(), description.training, state, hooks);
}

}  // namespace ranvier
