#include "networks/training_loop.hpp"

#include <chrono>
#include <cmath>
#include <numeric>
#include <variant>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/random.hpp"

namespace ranvier {
namespace {

/// The course of one call of run_training.
class Course {
 public:
  Course(Learner& learner, std::size_t samples, const TrainingDescription& description,
         TrainingState& state, const TrainingHooks& hooks)
      : learner_(learner),
        samples_(samples),
        description_(description),
        state_(state),
        hooks_(hooks),
        schedule_(schedules().at(description.schedule.name).make(description.schedule.parameters)),
        batch_size_(static_cast<std::size_t>(description.parameters.batch_size)),
        batches_(static_cast<std::int64_t>(parts(samples, batch_size_))) {
    if (state_.epoch >= 0 && state_.batch >= 0 && state_.batch < batches_) return;
    throw InvalidValue(
        fmt::format("the training state is at batch {} of epoch {}; expected one of {} batches",
                    state_.batch, state_.epoch + 1, batches_));
  }

  bool run() {
    while (has_epochs_left() && !is_out_of_patience()) {
      if (!run_epoch()) {
        learner_.save();
        return false;
      }
      if (hooks_.epoch) hooks_.epoch(state_.history.back(), state_);
      if (has_epochs_left() && !is_out_of_patience() && is_asked_to_stop()) return false;
    }
    if (state_.best_epoch > 0) {
      state_.weights = state_.best_weights;
      state_.statistics = state_.best_statistics;
      learner_.load();
    } else {
      learner_.save();
    }
    return true;
  }

 private:
  const TrainingParameters& parameters() const { return description_.parameters; }
  bool has_epochs_left() const { return state_.epoch < parameters().epochs; }
  bool is_asked_to_stop() const { return hooks_.stop && hooks_.stop(); }

  bool is_out_of_patience() const {
    return state_.best_epoch > 0 && state_.epoch - state_.best_epoch >= parameters().patience;
  }

  /// Goes through what is left of an epoch; returns false where it was stopped.
  bool run_epoch() {
    const auto start = std::chrono::steady_clock::now();
    auto order = shuffled_order(samples_, description_.seed, state_.epoch + 1);
    while (state_.batch < batches_) {
      const double factor =
          schedule_(state_.epoch * batches_ + state_.batch, parameters().epochs * batches_);
      learning_rate_ = learner_.learn(piece(std::span<const std::uint32_t>(order),
                                            static_cast<std::size_t>(state_.batch), batch_size_),
                                      factor, state_.sum);
      ++state_.batch;
      if (hooks_.batch) hooks_.batch(batch_record());
      if (state_.batch < batches_ && is_asked_to_stop()) return false;
    }
    close_epoch(start);
    return true;
  }

  BatchRecord batch_record() const {
    const auto met = std::min(static_cast<std::size_t>(state_.batch) * batch_size_, samples_);
    return {.epoch = state_.epoch + 1,
            .batch = state_.batch,
            .batches = batches_,
            .loss = share(state_.sum.loss, met),
            .accuracy = share(static_cast<double>(state_.sum.correct), met)};
  }

  void close_epoch(std::chrono::steady_clock::time_point start) {
    ++state_.epoch;
    EpochRecord record{.epoch = state_.epoch,
                       .learning_rate = learning_rate_,
                       .loss = share(state_.sum.loss, samples_),
                       .penalty = share(state_.sum.penalty, samples_),
                       .accuracy = share(static_cast<double>(state_.sum.correct), samples_),
                       .validation = learner_.validate(),
                       .without_gradient = learner_.without_gradient()};
    record.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    state_.batch = 0;
    state_.sum = {};
    state_.history.push_back(std::move(record));
    learner_.save();
    keep_best();
  }

  /// Notes the weights of the epoch just closed where its validation loss is the smallest yet.
  void keep_best() {
    const auto& validation = state_.history.back().validation;
    if (parameters().patience == 0 || !validation) return;
    if (state_.best_epoch > 0 && !(validation->loss < state_.best_loss)) return;
    state_.best_loss = validation->loss;
    state_.best_epoch = state_.epoch;
    state_.best_weights = state_.weights;
    state_.best_statistics = state_.statistics;
  }

  Learner& learner_;
  std::size_t samples_;
  const TrainingDescription& description_;
  TrainingState& state_;
  const TrainingHooks& hooks_;
  Schedule schedule_;
  std::size_t batch_size_;
  std::int64_t batches_;
  double learning_rate_ = 0.0;
};

}  // namespace

std::vector<Field<TrainingParameters>> TrainingParameters::fields() {
  using P = TrainingParameters;
  return {
      integer("epochs", &P::epochs, {.lower = 0.0}, "passes over the training samples"),
      integer("batch_size", &P::batch_size, at_least_one,
              "samples between two updates of the weights"),
      integer("chunk_size", &P::chunk_size, non_negative,
              "samples that one thread works on at a time; part of the result, as it fixes the "
              "order in which gradients are summed. 0: half a batch, at most 64, which keeps two "
              "threads busy"),
      real("clip_norm", &P::clip_norm, "", non_negative,
           "a longer gradient is shortened to this length; 0 leaves it"),
      integer(
          "patience", &P::patience, non_negative,
          "epochs without a smaller validation loss after which training ends, with the weights "
          "of the best epoch; 0 trains all epochs"),
  };
}

/// Larger chunks leave less to prepare and fewer gradients to add, smaller ones more threads to work.
std::size_t TrainingParameters::samples_of_chunk() const {
  constexpr std::int64_t largest = 64;
  const auto chosen =
      chunk_size > 0 ? chunk_size : std::clamp((batch_size + 1) / 2, std::int64_t{1}, largest);
  return static_cast<std::size_t>(chosen);
}

bool run_training(Learner& learner, std::size_t samples, const TrainingDescription& description,
                  TrainingState& state, const TrainingHooks& hooks) {
  return Course(learner, samples, description, state, hooks).run();
}

void check_threads(int threads) {
  if (threads < 1) throw InvalidValue(fmt::format("{} threads; expected at least 1", threads));
}

void check_training(const TrainingDescription& description, int threads, std::size_t samples) {
  check_threads(threads);
  for (const auto& field : TrainingParameters::fields()) {
    std::visit(
        [&](auto member) {
          checked(field.parameter, Value(description.parameters.*member), "training");
        },
        field.member);
  }
  description.penalty.validate("rate_regularisation");
  if (samples == 0) throw InvalidValue("the training set is empty; expected samples");
}

void GradientWatch::note(std::span<const float> gradient) {
  met_.resize(blocks_.size());
  for (std::size_t k = 0; k < blocks_.size(); ++k) {
    const auto block = gradient.subspan(blocks_[k].first, blocks_[k].count);
    met_[k] = met_[k] || std::ranges::any_of(block, [](float g) { return g != 0.0F; });
  }
}

std::vector<std::string> GradientWatch::take_unmet() {
  std::vector<std::string> unmet;
  for (std::size_t k = 0; k < met_.size(); ++k) {
    if (!met_[k]) unmet.push_back(blocks_[k].name);
  }
  met_.clear();
  return unmet;
}

void clip(double longest, std::span<float> gradient) {
  if (longest == 0.0) return;
  double squares = 0.0;
  for (const float g : gradient) squares += static_cast<double>(g) * static_cast<double>(g);
  const double length = std::sqrt(squares);
  if (length <= longest) return;
  const auto factor = static_cast<float>(longest / length);
  for (float& g : gradient) g *= factor;
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
