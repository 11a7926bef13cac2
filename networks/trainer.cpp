#include "networks/trainer.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <functional>
#include <numeric>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <omp.h>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "core/random.hpp"

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

std::size_t parts(std::size_t whole, std::size_t part) { return (whole + part - 1) / part; }

/// The `i`-th piece of at most `size` elements.
template <class T>
std::span<T> piece(std::span<T> whole, std::size_t i, std::size_t size) {
  return whole.subspan(i * size, std::min(size, whole.size() - i * size));
}

void check_threads(int threads) {
  if (threads < 1) throw InvalidValue(fmt::format("{} threads; expected at least 1", threads));
}

void check(const TrainingDescription& description) {
  for (const auto& field : TrainingParameters::fields()) {
    std::visit(
        [&](auto member) {
          checked(field.parameter, Value(description.parameters.*member), "training");
        },
        field.member);
  }
  description.penalty.validate("rate_regularisation");
}

void add(const Objective& part, Objective& sum) {
  sum.loss += part.loss;
  sum.penalty += part.penalty;
  sum.correct += part.correct;
}

/// Larger chunks leave less to prepare and fewer gradients to add, smaller ones more threads to work.
std::size_t chunk_size(const TrainingParameters& parameters) {
  constexpr std::int64_t largest = 64;
  const auto chosen = parameters.chunk_size > 0
                          ? parameters.chunk_size
                          : std::clamp((parameters.batch_size + 1) / 2, std::int64_t{1}, largest);
  return static_cast<std::size_t>(chosen);
}

double share(double part, std::size_t whole) {
  return whole == 0 ? 0.0 : part / static_cast<double>(whole);
}

/// The machinery of one call of `fit`.
class Training {
 public:
  Training(Sequential<float>& network, const Examples& examples,
           const TrainingDescription& description, int threads, TrainingState& state)
      : network_(network),
        examples_(examples),
        description_(description),
        threads_(threads),
        state_(state),
        optimiser_(optimisers()
                       .at(description.optimiser.name)
                       .make<float>(description.optimiser.parameters)),
        schedule_(schedules().at(description.schedule.name).make(description.schedule.parameters)),
        batch_size_(static_cast<std::size_t>(description.parameters.batch_size)),
        chunk_size_(chunk_size(description.parameters)),
        batches_(parts(examples.size(), batch_size_)),
        gradient_(network.parameters().size()),
        chunks_(parts(std::min(batch_size_, examples.size()), chunk_size_)),
        chunk_ranges_(network.chunk_ranges()) {
    for (auto& chunk : chunks_) chunk.gradient.resize(gradient_.size());
    tasks_.resize(chunks_.size());
    for (std::size_t c = 0; c < chunks_.size(); ++c) {
      tasks_[c].trace = &chunks_[c].trace;
      tasks_[c].grad_parameters = chunks_[c].gradient;
      tasks_[c].pooled = true;
    }
    restore();
  }

  std::int64_t batches() const { return static_cast<std::int64_t>(batches_); }

  void start_epoch() {
    order_ = shuffled_order(examples_.size(), description_.seed, state_.epoch + 1);
  }

  void train_batch() {
    const auto samples = piece(std::span<const std::uint32_t>(order_),
                               static_cast<std::size_t>(state_.batch), batch_size_);
    const auto used = parts(samples.size(), chunk_size_);
    const double factor = schedule_(state_.epoch * batches() + state_.batch,
                                    description_.parameters.epochs * batches());
    try {
      differentiate(samples, used);
      sum_gradients(used);
      note_gradient();
      clip();
      optimiser_->update(gradient_, factor, network_.parameters(), state_.optimiser);
    } catch (const InvalidValue& error) {
      throw diverged(error, used);
    }
    learning_rate_ = factor * optimiser_->learning_rate();
    for (std::size_t c = 0; c < used; ++c) add(tasks_[c].objective, state_.sum);
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
                       .penalty = share(state_.sum.penalty, examples_.size()),
                       .accuracy = share(static_cast<double>(state_.sum.correct), examples_.size()),
                       .validation = std::nullopt};
    for (std::size_t k = 0; k < met_.size(); ++k) {
      if (!met_[k]) record.without_gradient.push_back(network_.tensors()[k].name);
    }
    met_.clear();
    state_.batch = 0;
    state_.sum = {};
    return record;
  }

  /// Notes the weights of the epoch just closed where its validation loss is the smallest yet.
  void keep_best() {
    if (description_.parameters.patience == 0 || !state_.history.back().validation) return;
    const double loss = state_.history.back().validation->loss;
    if (state_.best_epoch > 0 && !(loss < state_.best_loss)) return;
    state_.best_loss = loss;
    state_.best_epoch = state_.epoch;
    state_.best_weights = state_.weights;
    state_.best_statistics = state_.statistics;
  }

  bool out_of_patience() const {
    return state_.best_epoch > 0 &&
           state_.epoch - state_.best_epoch >= description_.parameters.patience;
  }

  void restore_best() {
    if (state_.best_epoch == 0) return;
    std::ranges::copy(state_.best_weights, network_.parameters().begin());
    std::ranges::copy(state_.best_statistics, network_.statistics().begin());
  }

  void save_weights() {
    state_.weights.assign(network_.parameters().begin(), network_.parameters().end());
    state_.statistics.assign(network_.statistics().begin(), network_.statistics().end());
  }

 private:
  void restore() {
    if (state_.weights.empty()) return;
    if (state_.weights.size() != network_.parameters().size()) {
      throw InvalidValue(fmt::format("the training state holds {} weights; expected {}",
                                     state_.weights.size(), network_.parameters().size()));
    }
    if (state_.statistics.size() != network_.statistics().size()) {
      throw InvalidValue(fmt::format("the training state holds {} running averages; expected {}",
                                     state_.statistics.size(), network_.statistics().size()));
    }
    if (state_.epoch < 0 || state_.batch < 0 || state_.batch >= batches()) {
      throw InvalidValue(
          fmt::format("the training state is at batch {} of epoch {}; expected one "
                      "of {} batches",
                      state_.batch, state_.epoch + 1, batches()));
    }
    std::ranges::copy(state_.weights, network_.parameters().begin());
    std::ranges::copy(state_.statistics, network_.statistics().begin());
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

  /// Remembers which tensors have met a gradient in this epoch.
  void note_gradient() {
    const auto& tensors = network_.tensors();
    met_.resize(tensors.size());
    for (std::size_t k = 0; k < tensors.size(); ++k) {
      const auto part = std::span(gradient_).subspan(tensors[k].offset, tensors[k].size());
      met_[k] = met_[k] || std::ranges::any_of(part, [](float g) { return g != 0.0F; });
    }
  }

  /// Shortens a gradient longer than `clip_norm`.
  void clip() {
    const double longest = description_.parameters.clip_norm;
    if (longest == 0.0) return;
    double squares = 0.0;
    for (const float g : gradient_) squares += static_cast<double>(g) * static_cast<double>(g);
    const double length = std::sqrt(squares);
    if (length <= longest) return;
    const auto factor = static_cast<float>(longest / length);
    for (float& g : gradient_) g *= factor;
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
  const TrainingDescription& description_;
  int threads_;
  TrainingState& state_;
  std::unique_ptr<Optimiser<float>> optimiser_;
  Schedule schedule_;
  std::size_t batch_size_, chunk_size_, batches_;
  std::vector<float> gradient_;
  std::vector<Chunk> chunks_;
  std::vector<ChunkTask<float>> tasks_;    ///< of each of them
  std::vector<NumberRange> chunk_ranges_;  ///< where each has a gradient of its own
  std::vector<PooledRows<float>> pooled_rows_;
  std::vector<std::uint32_t> order_;
  std::vector<char> met_;  ///< by tensor, whether it has met a gradient in this epoch
  BatchSums sums_;
  double learning_rate_ = 0.0;
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

std::vector<Field<TrainingParameters>> TrainingParameters::fields() {
  return {
      integer("epochs", &TrainingParameters::epochs, {.lower = 0.0},
              "passes over the training samples"),
      integer("batch_size", &TrainingParameters::batch_size, at_least_one,
              "samples between two updates of the weights"),
      integer("chunk_size", &TrainingParameters::chunk_size, non_negative,
              "samples that one thread works on at a time; part of the result, as it fixes the "
              "order in which gradients are summed. 0: half a batch, at most 64, which is best for "
              "two threads"),
      real("clip_norm", &TrainingParameters::clip_norm, "", non_negative,
           "a longer gradient is shortened to this length; 0 leaves it"),
      integer(
          "patience", &TrainingParameters::patience, non_negative,
          "epochs without a smaller validation loss after which training ends, with the weights "
          "of the best epoch; 0 trains all epochs"),
  };
}

bool fit(Sequential<float>& network, const Examples& train, const Examples& validation,
         const TrainingDescription& description, int threads, TrainingState& state,
         const TrainingHooks& hooks) {
  require_fit(train, network.description(), "the training set");
  require_fit(validation, network.description(), "the validation set");
  check_threads(threads);
  check(description);
  if (train.size() == 0) throw InvalidValue("the training set is empty; expected samples");
  Training training(network, train, description, threads, state);
  while (state.epoch < description.parameters.epochs && !training.out_of_patience()) {
    const auto start = std::chrono::steady_clock::now();
    training.start_epoch();
    while (state.batch < training.batches()) {
      training.train_batch();
      if (hooks.batch) hooks.batch(training.batch_record());
      if (state.batch < training.batches() && hooks.stop && hooks.stop()) {
        training.save_weights();
        return false;
      }
    }
    auto record = training.finish_epoch();
    if (validation.size() > 0) {
      record.validation = evaluate(network, validation, threads, description.seed);
    }
    record.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    state.history.push_back(record);
    training.save_weights();
    training.keep_best();
    if (hooks.epoch) hooks.epoch(record, state);
    if (training.out_of_patience()) break;
    if (state.epoch < description.parameters.epochs && hooks.stop && hooks.stop()) return false;
  }
  training.restore_best();
  training.save_weights();
  return true;
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

/// Fisher-Yates; the draw of each place is addressed by the place.
std::vector<std::uint32_t> shuffled_order(std::size_t samples, std::uint64_t seed,
                                          std::int64_t epoch) {
  const RandomStream stream(seed, Purpose::shuffle);
  std::vector<std::uint32_t> order(samples);
  std::iota(order.begin(), order.end(), 0U);
  for (std::size_t i = samples; i > 1; --i) {
    auto draws = stream.at(static_cast<std::uint32_t>(epoch), i);
    std::swap(order[i - 1], order[draws.below(static_cast<std::uint32_t>(i))]);
  }
  return order;
}

}  // namespace ranvier
