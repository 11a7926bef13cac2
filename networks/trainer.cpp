#include "networks/trainer.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <omp.h>

#include "core/error.hpp"
#include "core/parallel.hpp"

namespace ranvier {
namespace {

/// Some samples on their way through the network, and their part of the gradient.
struct Chunk {
  SequentialTrace<float> trace;
  std::vector<std::uint8_t> labels;
  std::vector<float> gradient;

  /// Reads some samples as `epoch` shows them, 0 in evaluation.
  void load(const Examples& examples, std::span<const std::uint32_t> samples, std::uint32_t epoch) {
    const auto width = examples.shape().size();
    trace.samples.assign(samples.begin(), samples.end());
    trace.values.resize(samples.size() * width);
    trace.events.resize(examples.has_events() ? samples.size() : 0);
    labels.resize(samples.size());
    for (std::size_t b = 0; b < samples.size(); ++b) {
      labels[b] = examples.label(samples[b]);
      if (examples.has_events()) {
        examples.events(samples[b], epoch, trace.events[b]);
      } else {
        examples.values(samples[b], epoch, std::span(trace.values).subspan(b * width, width));
      }
    }
  }
};

/// A layered network that learns from batches.
class SequentialLearner final : public Learner {
 public:
  SequentialLearner(Sequential<float>& network, const Examples& train, const Examples& validation,
                    const TrainingDescription& description, int threads, TrainingState& state)
      : network_(network),
        examples_(train),
        validation_(validation),
        description_(description),
        threads_(threads),
        state_(state),
        optimiser_(optimisers()
                       .at(description.optimiser.name)
                       .make<float>(description.optimiser.parameters)),
        chunk_size_(description.parameters.samples_of_chunk()),
        gradient_(network.parameters().size()),
        chunks_(parts(
            std::min(static_cast<std::size_t>(description.parameters.batch_size), train.size()),
            chunk_size_)),
        chunk_ranges_(network.chunk_ranges()),
        watch_(blocks_of(network)) {
    for (auto& chunk : chunks_) chunk.gradient.resize(gradient_.size());
    tasks_.resize(chunks_.size());
    for (std::size_t c = 0; c < chunks_.size(); ++c) {
      tasks_[c].trace = &chunks_[c].trace;
      tasks_[c].grad_parameters = chunks_[c].gradient;
      tasks_[c].pooled = true;
    }
    if (!state_.weights.empty()) load();
  }

  double learn(std::span<const std::uint32_t> samples, double factor, Objective& sum) override {
    const auto used = parts(samples.size(), chunk_size_);
    try {
      differentiate(samples, used);
      sum_gradients(used);
      watch_.note(gradient_);
      clip(description_.parameters.clip_norm, gradient_);
      optimiser_->update(gradient_, factor, network_.parameters(), state_.optimiser);
    } catch (const InvalidValue& error) {
      throw diverged(error, used);
    }
    for (std::size_t c = 0; c < used; ++c) add(tasks_[c].objective, sum);
    return factor * optimiser_->learning_rate();
  }

  void save() override {
    state_.weights.assign(network_.parameters().begin(), network_.parameters().end());
    state_.statistics.assign(network_.statistics().begin(), network_.statistics().end());
  }

  void load() override {
    if (state_.weights.size() != network_.parameters().size()) {
      throw InvalidValue(fmt::format("the training state holds {} weights; expected {}",
                                     state_.weights.size(), network_.parameters().size()));
    }
    if (state_.statistics.size() != network_.statistics().size()) {
      throw InvalidValue(fmt::format("the training state holds {} running averages; expected {}",
                                     state_.statistics.size(), network_.statistics().size()));
    }
    std::ranges::copy(state_.weights, network_.parameters().begin());
    std::ranges::copy(state_.statistics, network_.statistics().begin());
  }

  std::vector<std::string> without_gradient() override { return watch_.take_unmet(); }

  std::optional<Evaluation> validate() const override {
    if (validation_.size() == 0) return std::nullopt;
    return evaluate(network_, validation_, threads_, description_.seed);
  }

 private:
  static std::vector<GradientWatch::Block> blocks_of(const Sequential<float>& network) {
    std::vector<GradientWatch::Block> blocks;
    for (const auto& tensor : network.tensors()) {
      blocks.push_back({tensor.name, tensor.offset, tensor.size()});
    }
    return blocks;
  }

  /// Every chunk's part of the gradient of the mean loss of a batch. Chunks go their ways alone
  /// unless a layer looks at the whole batch; then they pass each layer together.
  void differentiate(std::span<const std::uint32_t> samples, std::size_t used) {
    const auto epoch = static_cast<std::uint32_t>(state_.epoch + 1);
    const double weight = 1.0 / static_cast<double>(samples.size());
    const bool together = network_.over_batch();
    const auto tasks = std::span(tasks_).first(used);
    in_parallel(used, threads_, [&](std::size_t c) {
      auto& chunk = chunks_[c];
      chunk.load(examples_, piece(samples, c, chunk_size_), epoch);
      tasks[c].labels = chunk.labels;
      for (const auto& range : chunk_ranges_) {
        std::ranges::fill(std::span(chunk.gradient).subspan(range.first, range.count), 0.0F);
      }
      if (together) return;
      const auto alone = tasks.subspan(c, 1);
      network_.forward(description_.seed, epoch, alone, chunk.trace.sums, 1);
      network_.backward(description_.penalty, weight, alone, chunk.trace.sums, 1);
    });
    if (!together) return;
    network_.forward(description_.seed, epoch, tasks, sums_, threads_);
    network_.backward(description_.penalty, weight, tasks, sums_, threads_);
    network_.update_statistics(sums_);
  }

  /// What to say of a batch whose output is not finite: where in the network it began.
  InvalidValue diverged(const InvalidValue& error, std::size_t used) const {
    for (std::size_t c = 0; c < used; ++c) {
      const auto place = network_.first_not_finite(chunks_[c].trace);
      if (place.empty()) continue;
      return InvalidValue(fmt::format(
          "training stopped in batch {} of epoch {}: the first number that is not finite is in {}; "
          "expected finite numbers (a smaller learning rate or clip_norm keeps weights from "
          "diverging). The weights of epoch {} are kept",
          state_.batch + 1, state_.epoch + 1, place, state_.epoch));
    }
    return error;
  }

  /// Slices go to threads; within a slice the chunks are added in their order.
  void sum_gradients(std::size_t used) {
    constexpr std::size_t slice = 16384;
    std::vector<NumberRange> slices;
    for (const auto& range : chunk_ranges_) {
      for (std::size_t begin = 0; begin < range.count; begin += slice) {
        slices.push_back({range.first + begin, std::min(slice, range.count - begin)});
      }
    }
    std::ranges::fill(gradient_, 0.0F);
    in_parallel(slices.size(), threads_, [&](std::size_t s) {
      const auto sum = std::span(gradient_).subspan(slices[s].first, slices[s].count);
      for (std::size_t c = 0; c < used; ++c) {
        const auto part = std::span(chunks_[c].gradient).subspan(slices[s].first, slices[s].count);
        std::transform(sum.begin(), sum.end(), part.begin(), sum.begin(), std::plus<>{});
      }
    });
    network_.add_pooled(std::span(tasks_).first(used), gradient_, pooled_rows_, threads_);
  }

  Sequential<float>& network_;
  const Examples& examples_;
  const Examples& validation_;
  const TrainingDescription& description_;
  int threads_;
  TrainingState& state_;
  std::unique_ptr<Optimiser<float>> optimiser_;
  std::size_t chunk_size_;
  std::vector<float> gradient_;
  std::vector<Chunk> chunks_;
  std::vector<ChunkTask<float>> tasks_;    ///< of each of them
  std::vector<NumberRange> chunk_ranges_;  ///< where each has a gradient of its own
  std::vector<PooledRows<float>> pooled_rows_;
  GradientWatch watch_;
  BatchSums sums_;
};

constexpr std::size_t evaluation_chunk = 64;

/// Runs all samples through the network and calls `look(c, chunk)` for each chunk of them, from
/// whichever thread ran it.
template <class Look>
void run_chunks(const Sequential<float>& network, const Examples& examples, int threads,
                std::uint64_t seed, const Look& look) {
  std::vector<std::uint32_t> order(examples.size());
  std::iota(order.begin(), order.end(), 0U);
  std::vector<Chunk> chunks(static_cast<std::size_t>(threads));
  in_parallel(parts(order.size(), evaluation_chunk), threads, [&](std::size_t c) {
    auto& chunk = chunks[static_cast<std::size_t>(omp_get_thread_num())];
    chunk.load(examples, piece(std::span<const std::uint32_t>(order), c, evaluation_chunk), 0);
    network.forward(seed, 0, chunk.trace);
    look(c, chunk);
  });
}

struct Measured {
  Objective objective;
  std::vector<double> spikes;  ///< of each layer
};

}  // namespace

bool fit(Sequential<float>& network, const Examples& train, const Examples& validation,
         const TrainingDescription& description, int threads, TrainingState& state,
         const TrainingHooks& hooks) {
  require_fit(train, network.description(), "the training set");
  require_fit(validation, network.description(), "the validation set");
  check_training(description, threads, train.size());
  SequentialLearner learner(network, train, validation, description, threads, state);
  return run_training(learner, train.size(), description, state, hooks);
}

Evaluation evaluate(const Sequential<float>& network, const Examples& examples, int threads,
                    std::uint64_t seed) {
  require_fit(examples, network.description(), "the data set");
  check_threads(threads);
  std::vector<Measured> measured(parts(examples.size(), evaluation_chunk));
  run_chunks(network, examples, threads, seed, [&](std::size_t c, const Chunk& chunk) {
    measured[c] = {network.objective(chunk.labels, {}, chunk.trace),
                   network.spike_counts(chunk.trace)};
  });
  Objective sum;
  Evaluation result;
  result.rates.resize(network.description().layers.size());
  for (const auto& part : measured) {
    add(part.objective, sum);
    std::ranges::transform(result.rates, part.spikes, result.rates.begin(), std::plus<>{});
  }
  for (std::size_t l = 0; l < result.rates.size(); ++l) {
    result.rates[l] =
        share(result.rates[l], examples.size() * network.steps() * network.layer(l).outputs());
  }
  result.loss = share(sum.loss, examples.size());
  result.accuracy = share(static_cast<double>(sum.correct), examples.size());
  return result;
}

std::vector<double> scores_over_time(const Sequential<float>& network, const Examples& examples,
                                     int threads, std::uint64_t seed) {
  require_fit(examples, network.description(), "the data set");
  check_threads(threads);
  const std::size_t row = examples.size() * network.classes();
  std::vector<double> scores(network.steps() * row);
  run_chunks(network, examples, threads, seed, [&](std::size_t c, const Chunk& chunk) {
    const std::size_t chunk_row = chunk.labels.size() * network.classes();
    std::vector<double> of_chunk(network.steps() * chunk_row);
    network.loss().scores_over_time(network.output(chunk.trace), of_chunk);
    for (std::size_t t = 0; t < network.steps(); ++t) {
      std::copy_n(of_chunk.data() + t * chunk_row, chunk_row,
                  scores.data() + t * row + c * evaluation_chunk * network.classes());
    }
  });
  return scores;
}

}  // namespace ranvier
