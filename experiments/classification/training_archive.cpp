#include "experiments/classification/training_archive.hpp"

#include <limits>

namespace ranvier {
namespace {

using Integers = std::vector<std::int64_t>;
using Reals = std::vector<double>;

constexpr double absent = std::numeric_limits<double>::quiet_NaN();

/// One row of reals per epoch; its validation's rates are stored apart, as their number varies.
constexpr std::size_t reals_per_epoch = 7;

void put_history(Archive& archive, const std::vector<EpochRecord>& history) {
  Integers epochs;
  Reals reals, rates;
  Integers rate_counts;
  for (const auto& e : history) {
    epochs.push_back(e.epoch);
    reals.insert(reals.end(), {e.learning_rate, e.loss, e.penalty, e.accuracy, e.seconds,
                               e.validation ? e.validation->loss : absent,
                               e.validation ? e.validation->accuracy : absent});
    const auto& layers = e.validation ? e.validation->rates : Reals{};
    rate_counts.push_back(e.validation ? static_cast<std::int64_t>(layers.size()) : -1);
    rates.insert(rates.end(), layers.begin(), layers.end());
  }
  archive.put("training/history/epochs", epochs);
  archive.put("training/history/reals", reals);
  archive.put("training/history/rates", rates);
  archive.put("training/history/rate_counts", rate_counts);
}

std::vector<EpochRecord> get_history(const Archive& archive) {
  const auto& epochs = archive.get<Integers>("training/history/epochs");
  const auto& reals =
      archive.get<double>("training/history/reals", epochs.size() * reals_per_epoch);
  const auto& rate_counts =
      archive.get<std::int64_t>("training/history/rate_counts", epochs.size());
  const auto& rates = archive.get<Reals>("training/history/rates");
  std::vector<EpochRecord> history;
  auto rate = rates.begin();
  for (std::size_t k = 0; k < epochs.size(); ++k) {
    const double* row = reals.data() + k * reals_per_epoch;
    EpochRecord record{.epoch = epochs[k],
                       .learning_rate = row[0],
                       .loss = row[1],
                       .penalty = row[2],
                       .accuracy = row[3],
                       .validation = std::nullopt,
                       .seconds = row[4]};
    if (rate_counts[k] >= 0) {
      const auto end = rate + rate_counts[k];
      record.validation = Evaluation{.loss = row[5], .accuracy = row[6], .rates = {rate, end}};
      rate = end;
    }
    history.push_back(std::move(record));
  }
  return history;
}

}  // namespace

Archive archive_of(const TrainingState& state) {
  Archive archive;
  archive.put("training/position",
              Integers{state.epoch, state.batch, static_cast<std::int64_t>(state.sum.correct),
                       state.optimiser.updates});
  archive.put("training/sum", Reals{state.sum.loss, state.sum.penalty});
  archive.put("training/weights", state.weights);
  archive.put("training/statistics", state.statistics);
  archive.put("training/best/epoch", Integers{state.best_epoch});
  archive.put("training/best/loss", Reals{state.best_loss});
  archive.put("training/best/weights", state.best_weights);
  archive.put("training/best/statistics", state.best_statistics);
  archive.put("training/optimiser/first", state.optimiser.first);
  archive.put("training/optimiser/second", state.optimiser.second);
  put_history(archive, state.history);
  return archive;
}

TrainingState training_state_of(const Archive& archive) {
  const auto& position = archive.get<std::int64_t>("training/position", 4);
  const auto& sum = archive.get<double>("training/sum", 2);
  TrainingState state;
  state.epoch = position[0];
  state.batch = position[1];
  state.sum = {.loss = sum[0], .penalty = sum[1], .correct = static_cast<std::size_t>(position[2])};
  state.weights = archive.get<std::vector<float>>("training/weights");
  state.statistics = archive.get<std::vector<float>>("training/statistics");
  state.best_epoch = archive.get<std::int64_t>("training/best/epoch", 1)[0];
  state.best_loss = archive.get<double>("training/best/loss", 1)[0];
  state.best_weights = archive.get<std::vector<float>>("training/best/weights");
  state.best_statistics = archive.get<std::vector<float>>("training/best/statistics");
  state.optimiser = {.updates = position[3],
                     .first = archive.get<std::vector<float>>("training/optimiser/first"),
                     .second = archive.get<std::vector<float>>("training/optimiser/second")};
  state.history = get_history(archive);
  return state;
}

}  // namespace ranvier
