#include "networks/trainer.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "core/error.hpp"
#include "core/random.hpp"
#include "tests/catch.hpp"

using namespace ranvier;

namespace {

struct Samples {
  std::vector<float> inputs;
  std::vector<std::uint8_t> labels;

  ArrayExamples view() const { return {inputs, labels}; }
};

constexpr std::size_t features = 12;

/// Two prototypes, 0.3 and 0.7 in opposite patterns, under noise of deviation 0.15. The matched
/// filter's margin is sqrt(12) x 0.4 / 2 / 0.15 = 4.6 deviations: two errors in a million.
Samples noisy_prototypes(std::size_t count, std::uint32_t set) {
  Samples samples;
  const RandomStream noise(42, Purpose::stimulus, set);
  for (std::size_t i = 0; i < count; ++i) {
    samples.labels.push_back(i % 2 == 0 ? 0 : 1);
    auto draws = noise.at(static_cast<std::uint32_t>(i), 0);
    for (std::size_t j = 0; j < features; ++j) {
      const double prototype = (j + i) % 2 == 0 ? 0.7 : 0.3;
      samples.inputs.push_back(static_cast<float>(prototype + 0.15 * draws.normal()));
    }
  }
  return samples;
}

SequentialDescription two_layers() {
  SequentialDescription description;
  description.inputs = features;
  description.steps = 8;
  LayerDescription hidden;
  hidden.size = 16;
  hidden.model_parameters.common = {{"tau_m", 5.0}};
  auto out = hidden;
  out.size = 2;
  description.layers = {hidden, out};
  return description;
}

TrainingDescription some_epochs(std::int64_t epochs) {
  TrainingDescription description;
  description.parameters = {.epochs = epochs, .batch_size = 25, .chunk_size = 8};
  description.optimiser.parameters = {{"learning_rate", 0.01}};
  return description;
}

const Samples train = noisy_prototypes(110, 1);
const Samples test = noisy_prototypes(200, 2);

std::vector<float> trained(const SequentialDescription& network_description,
                           const TrainingDescription& description, int threads) {
  Sequential<float> network(network_description, 1);
  TrainingState state;
  REQUIRE(fit(network, train.view(), ArrayExamples{}, description, threads, state));
  return state.weights;
}

}  // namespace

TEST_CASE("two noisy prototypes are learnt") {
  Sequential<float> network(two_layers(), 1);
  TrainingState state;
  REQUIRE(fit(network, train.view(), test.view(), some_epochs(30), 1, state));
  REQUIRE(state.epoch == 30);
  REQUIRE(state.history.size() == 30);
  REQUIRE(state.history.back().loss < 0.5 * state.history.front().loss);
  REQUIRE(state.history.back().validation->accuracy >= 0.98);
  REQUIRE(evaluate(network, test.view(), 1).accuracy == state.history.back().validation->accuracy);
}

TEST_CASE("training gives the same weights to the bit for any number of threads") {
  for (const std::string encoding : {"current", "poisson"}) {
    auto network = two_layers();
    network.encoding.name = encoding;
    auto description = some_epochs(3);
    description.penalty = {.strength = 1.0, .lower = 0.1, .upper = 0.3};
    const auto alone = trained(network, description, 1);
    REQUIRE(trained(network, description, 2) == alone);
    REQUIRE(trained(network, description, 5) == alone);
    description.seed = 2;
    REQUIRE(trained(network, description, 1) != alone);
  }
}

TEST_CASE("training that was stopped anywhere goes on to the same weights") {
  auto network_description = two_layers();
  network_description.encoding.name = "poisson";
  const auto description = some_epochs(3);
  const auto unbroken = trained(network_description, description, 1);
  for (const int stop_after : {1, 5, 7, 10}) {  // an epoch has five batches
    CAPTURE(stop_after);
    TrainingState state;
    int batches = 0;
    TrainingHooks hooks;
    hooks.stop = [&] { return ++batches == stop_after; };
    {
      Sequential<float> network(network_description, 1);
      REQUIRE_FALSE(fit(network, train.view(), ArrayExamples{}, description, 1, state, hooks));
      REQUIRE(state.epoch * 5 + state.batch == stop_after);
    }
    Sequential<float> network(network_description, 77);
    REQUIRE(fit(network, train.view(), ArrayExamples{}, description, 2, state));
    REQUIRE(state.weights == unbroken);
    REQUIRE(state.history.size() == 3);
  }
}

TEST_CASE("the size of the chunks changes weights by rounding only") {
  auto description = some_epochs(1);
  description.optimiser = {"sgd", {{"learning_rate", 0.1}}};
  description.parameters.batch_size = 110;  // one update: later ones may cross thresholds
  const auto small = trained(two_layers(), description, 1);
  description.parameters.chunk_size = 110;
  const auto large = trained(two_layers(), description, 1);
  for (std::size_t i = 0; i < small.size(); ++i) {
    // 110 samples x 8 steps of terms of order one, summed in float and scaled by 0.1/110.
    REQUIRE(std::abs(small[i] - large[i]) < 880 * 6e-8 * 0.1);
  }
}

TEST_CASE("hooks see every batch and epoch") {
  Sequential<float> network(two_layers(), 1);
  TrainingState state;
  std::vector<std::int64_t> batches, epochs;
  TrainingHooks hooks;
  hooks.batch = [&](const BatchRecord& record) {
    REQUIRE(record.batches == 5);
    REQUIRE(record.accuracy <= 1.0);
    batches.push_back(record.batch);
  };
  hooks.epoch = [&](const EpochRecord& record, const TrainingState& now) {
    REQUIRE(now.epoch == record.epoch);
    REQUIRE(now.weights.size() == network.parameters().size());
    epochs.push_back(record.epoch);
  };
  fit(network, train.view(), ArrayExamples{}, some_epochs(2), 1, state, hooks);
  REQUIRE(batches == std::vector<std::int64_t>{1, 2, 3, 4, 5, 1, 2, 3, 4, 5});
  REQUIRE(epochs == std::vector<std::int64_t>{1, 2});
}

TEST_CASE("the last scores over time are those that accuracy is judged by") {
  Sequential<float> network(two_layers(), 1);
  TrainingState state;
  fit(network, train.view(), ArrayExamples{}, some_epochs(2), 1, state);
  const auto scores = scores_over_time(network, test.view(), 2);
  const std::size_t n = test.labels.size();
  REQUIRE(scores.size() == network.steps() * n * 2);
  std::size_t correct = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double* last = scores.data() + ((network.steps() - 1) * n + i) * 2;
    correct += (last[1] > last[0] ? 1 : 0) == test.labels[i];
  }
  const auto evaluation = evaluate(network, test.view(), 1);
  REQUIRE(evaluation.accuracy == static_cast<double>(correct) / static_cast<double>(n));
  REQUIRE(evaluation.rates[0] > 0.0);
  REQUIRE(evaluation.rates[0] <= 1.0);
}

TEST_CASE("each epoch meets every sample once, in an order of its own") {
  const auto first = shuffled_order(1000, 3, 1);
  auto sorted = first;
  std::ranges::sort(sorted);
  std::vector<std::uint32_t> all(1000);
  std::iota(all.begin(), all.end(), 0U);
  REQUIRE(sorted == all);
  REQUIRE(shuffled_order(1000, 3, 1) == first);
  REQUIRE(shuffled_order(1000, 3, 2) != first);
  REQUIRE(shuffled_order(1000, 4, 1) != first);
}

TEST_CASE("data and states that do not fit the network are refused") {
  Sequential<float> network(two_layers(), 1);
  TrainingState state;
  const auto refused = [&](const Samples& samples, const TrainingDescription& description,
                           int threads, const std::string& reason) {
    REQUIRE_THROWS_WITH(fit(network, samples.view(), ArrayExamples{}, description, threads, state),
                        Catch::Matchers::Contains(reason));
  };
  auto wrong = train;
  wrong.labels[7] = 2;
  refused(wrong, some_epochs(1), 1, "sample 7 has label 2");
  wrong = train;
  wrong.inputs.resize(wrong.labels.size() * 11);
  refused(wrong, some_epochs(1), 1, "samples of 11 values; expected 12, the network's inputs");
  wrong.inputs.pop_back();
  refused(wrong, some_epochs(1), 1, "expected the same number for each");
  refused({}, some_epochs(1), 1, "empty");
  refused(train, some_epochs(1), 0, "0 threads");
  auto description = some_epochs(1);
  description.parameters.batch_size = 0;
  refused(train, description, 1, "batch_size");
  state.weights.resize(3);
  refused(train, some_epochs(1), 1, "holds 3 weights");
}

namespace {

/// Layers that look at the whole batch, that draw, and that remember.
SequentialDescription network_of_everything() {
  auto description = two_layers();
  description.shape = {1, 3, 4};
  LayerDescription first;
  first.kind = "convolution";
  first.parameters = {{"filters", std::int64_t{4}}, {"padding", std::int64_t{1}}};
  first.batch_norm.emplace();
  first.dropout = 0.2;
  description.layers[0].recurrent = true;
  description.layers[0].trained = {"tau_m", "V_th"};
  description.layers.insert(description.layers.begin(), first);
  return description;
}

struct Result {
  std::vector<float> weights, statistics;
  bool operator==(const Result&) const = default;
};

Result result_of(const SequentialDescription& described, const TrainingDescription& description,
                 int threads) {
  Sequential<float> network(described, 1);
  TrainingState state;
  REQUIRE(fit(network, train.view(), ArrayExamples{}, description, threads, state));
  return {state.weights, state.statistics};
}

}  // namespace

TEST_CASE("every kind of layer trains to the same bits on one and two threads") {
  const auto one = result_of(network_of_everything(), some_epochs(2), 1);
  REQUIRE(one == result_of(network_of_everything(), some_epochs(2), 2));
  REQUIRE(one.statistics.size() == 8);
  REQUIRE(one.statistics[0] != 0.0F);
}

TEST_CASE("every kind of layer goes on from a stop to the same bits") {
  const auto whole = result_of(network_of_everything(), some_epochs(2), 1);
  Sequential<float> network(network_of_everything(), 1);
  TrainingState state;
  int batches = 0;
  TrainingHooks hooks;
  hooks.stop = [&] { return ++batches == 7; };
  REQUIRE_FALSE(fit(network, train.view(), ArrayExamples{}, some_epochs(2), 1, state, hooks));
  Sequential<float> again(network_of_everything(), 1);
  REQUIRE(fit(again, train.view(), ArrayExamples{}, some_epochs(2), 2, state));
  REQUIRE(Result{state.weights, state.statistics} == whole);
}

TEST_CASE(
    "training stops where a number is no longer finite, names the layer and keeps the weights") {
  auto described = two_layers();
  described.layers[0].name = "hidden";
  Sequential<float> network(described, 1);
  TrainingState state;
  REQUIRE(fit(network, train.view(), ArrayExamples{}, some_epochs(1), 1, state));
  state.weights[5] = std::numeric_limits<float>::infinity();
  REQUIRE_THROWS_WITH(fit(network, train.view(), ArrayExamples{}, some_epochs(2), 1, state),
                      Catch::Contains("training stopped in batch 1 of epoch 2") &&
                          Catch::Contains("layer 'hidden' at step 1 of sample"));
  REQUIRE(state.epoch == 1);
}

TEST_CASE("tensors that meet no gradient in an epoch are named") {
  auto described = two_layers();
  described.layers[0].name = "silent";
  described.layers[0].model_parameters.common["V_th"] = 1e6;
  described.surrogate = {"triangle", {}};
  Sequential<float> network(described, 1);
  TrainingState state;
  REQUIRE(fit(network, train.view(), ArrayExamples{}, some_epochs(1), 1, state));
  const auto& named = state.history.back().without_gradient;
  REQUIRE(std::ranges::count(named, "silent.weight") == 1);
  REQUIRE(std::ranges::count(named, "silent.bias") == 1);
}

TEST_CASE("a clipped gradient moves the weights by no more than its length allows") {
  auto description = some_epochs(1);
  description.parameters.batch_size = 110;
  description.parameters.chunk_size = 110;
  description.parameters.clip_norm = 1e-3;
  description.optimiser = {"sgd", {{"learning_rate", 1.0}, {"momentum", 0.0}}};
  description.schedule = {"constant", {}};
  Sequential<float> network(two_layers(), 1);
  const std::vector<float> before(network.parameters().begin(), network.parameters().end());
  TrainingState state;
  REQUIRE(fit(network, train.view(), ArrayExamples{}, description, 1, state));
  double squares = 0.0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    squares += std::pow(static_cast<double>(state.weights[i] - before[i]), 2.0);
  }
  // Differences of floats near one are right to 6e-8 each.
  REQUIRE(std::sqrt(squares) == Approx(1e-3).epsilon(1e-3));
}

TEST_CASE("training without progress on the validation set ends early with the best weights") {
  auto description = some_epochs(40);
  description.parameters.patience = 2;
  description.optimiser.parameters = {{"learning_rate", 0.3}};
  Sequential<float> network(two_layers(), 1);
  TrainingState state;
  REQUIRE(fit(network, train.view(), test.view(), description, 1, state));
  REQUIRE(state.epoch < 40);
  REQUIRE(state.epoch == state.best_epoch + 2);
  REQUIRE(evaluate(network, test.view(), 1).loss == Approx(state.best_loss));
}
