/// Training in the event runtime.

#include "networks/event_learning/event_trainer.hpp"

#include <cmath>
#include <random>

#include "core/error.hpp"
#include "networks/event_learning/circuit_adjoint.hpp"
#include "tests/catch.hpp"

using namespace ranvier;
using Catch::Matchers::Contains;

namespace {

constexpr auto input = CircuitProjection::input;

/// Two classes: which of two values is the larger.
struct Samples {
  std::vector<float> values;
  std::vector<std::uint8_t> labels;

  ArrayExamples view() const { return {values, labels}; }
};

Samples comparisons(std::size_t n, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<float> value(0.0F, 1.0F);
  Samples samples;
  for (std::size_t i = 0; i < n; ++i) {
    const float x = value(random), y = value(random);
    samples.values.insert(samples.values.end(), {x, y});
    samples.labels.push_back(x < y ? 0 : 1);
  }
  return samples;
}

EventClassifier small_classifier(bool recurrent) {
  const ValueMap neuron{{"tau_m", 20.0}, {"tau_syn_ex", 5.0}, {"t_ref", 1.0}};
  EventClassifier classifier;
  classifier.circuit = {
      .inputs = 3,
      .window = 60.0,
      .populations = {{"hidden", 20, neuron}, {"output", 2, neuron}},
      .projections = {{input, 0, 0.5, {450.0, 200.0}}, {0, 1, 0.0, {250.0, 50.0}}}};
  if (recurrent) classifier.circuit.projections.push_back({0, 0, 1.0, {0.0, 30.0}});
  classifier.encoding.bias = {20.0};
  return classifier;
}

EventTrainingDescription some_epochs(std::int64_t epochs) {
  EventTrainingDescription description;
  description.training.parameters.epochs = epochs;
  description.training.parameters.batch_size = 20;
  description.training.parameters.chunk_size = 6;
  description.training.optimiser = {"adam", {{"learning_rate", 2.0}}};
  description.silent.bump = 2.0;
  return description;
}

}  // namespace

TEST_CASE("event training gives the same weights to the bit on one and two threads") {
  const auto samples = comparisons(90, 1);
  for (const bool recurrent : {false, true}) {
    std::vector<std::vector<float>> weights;
    for (const int threads : {1, 2}) {
      TrainingState state;
      REQUIRE(fit(small_classifier(recurrent), samples.view(), samples.view(), some_epochs(2),
                  threads, state));
      weights.push_back(state.weights);
    }
    CHECK(weights[0] == weights[1]);
  }
}

TEST_CASE("event training that was stopped goes on to the same weights") {
  const auto samples = comparisons(90, 1);
  const auto classifier = small_classifier(false);
  TrainingState whole;
  REQUIRE(fit(classifier, samples.view(), ArrayExamples{}, some_epochs(2), 1, whole));
  TrainingState parts;
  TrainingHooks hooks;
  int asked = 0;
  hooks.stop = [&] { return ++asked % 3 == 0; };
  while (!fit(classifier, samples.view(), ArrayExamples{}, some_epochs(2), 1, parts, hooks)) {
  }
  CHECK(asked > 3);
  CHECK(parts.weights == whole.weights);
}

TEST_CASE("a chunk of unset size is half a batch") {
  const auto samples = comparisons(50, 1);
  std::vector<std::vector<float>> weights;
  for (const std::int64_t chunk_size : {0, 10}) {
    auto description = some_epochs(1);
    description.training.parameters.chunk_size = chunk_size;
    TrainingState state;
    REQUIRE(fit(small_classifier(false), samples.view(), ArrayExamples{}, description, 1, state));
    weights.push_back(state.weights);
  }
  CHECK(weights[0] == weights[1]);
}

TEST_CASE("event training refuses parameters out of bounds") {
  const auto samples = comparisons(10, 1);
  auto description = some_epochs(1);
  TrainingState state;
  const auto train = [&](int threads) {
    fit(small_classifier(false), samples.view(), ArrayExamples{}, description, threads, state);
  };
  REQUIRE_THROWS_WITH(train(0), Contains("0 threads"));
  description.training.parameters.batch_size = 0;
  REQUIRE_THROWS_WITH(train(1), Contains("batch_size"));
}

TEST_CASE("a small network learns which of two spikes comes first") {
  const auto train = comparisons(300, 1), test = comparisons(200, 2);
  const auto classifier = small_classifier(false);
  const auto description = some_epochs(30);
  TrainingState state;
  const auto before = evaluate(classifier, initial_weights(classifier.circuit, 1), test.view(), 2);
  REQUIRE(fit(classifier, train.view(), ArrayExamples{}, description, 2, state));
  const auto after = evaluate(classifier, state.weights, test.view(), 2);
  CHECK(before.accuracy < 0.8);
  CHECK(after.accuracy > 0.95);
  CHECK(after.events_at_answer < after.synaptic_events);
  CHECK(after.silent == 0.0);
}

TEST_CASE("a run that ends when all outputs have fired has the gradient of the whole window") {
  const auto classifier = small_classifier(true);
  const auto drawn = initial_weights(classifier.circuit, 3);
  const std::vector<double> weights(drawn.begin(), drawn.end());
  const auto samples = comparisons(10, 3);
  CircuitRunner runner(classifier.circuit, weights);
  CircuitAdjoint adjoint(classifier.circuit, weights);
  std::size_t ended_early = 0;
  for (std::size_t i = 0; i < samples.labels.size(); ++i) {
    const auto times = classifier.encoding.times(samples.view(), i, 0);
    std::vector<std::vector<double>> gradients;
    std::vector<std::size_t> spikes;
    for (const auto& run : {runner.run(times), runner.run_until_all_answered(times)}) {
      const auto first = first_output_spikes(classifier, run);
      SpikeTimeSlopes slopes;
      for (const auto& train : run.populations) slopes.emplace_back(train.size());
      const auto& output = run.populations.back();
      for (std::size_t k = 0; k < output.size(); ++k) {
        if (output.times[k] == first[output.neurons[k]]) slopes.back()[k] = 1.0 + output.neurons[k];
      }
      gradients.emplace_back(weights.size());
      adjoint.pull_back(run, slopes, gradients.back());
      spikes.push_back(run.populations[0].size());
    }
    CHECK(gradients[0] == gradients[1]);
    ended_early += spikes[1] < spikes[0] ? 1 : 0;
  }
  CHECK(ended_early > 0);
}

TEST_CASE("only a neuron that no sample makes fire has its weights raised") {
  auto classifier = small_classifier(false);
  auto description = some_epochs(1);
  description.training.optimiser = {"sgd", {{"learning_rate", 0.0}}};
  const auto samples = comparisons(20, 1);
  TrainingState state;
  state.weights = initial_weights(classifier.circuit, 1);
  for (std::size_t k = 0; k < 3; ++k) state.weights[k] = 1.0F;  // the first hidden neuron
  const auto before = state.weights;
  REQUIRE(fit(classifier, samples.view(), ArrayExamples{}, description, 1, state));
  for (std::size_t k = 0; k < 3; ++k) CHECK(state.weights[k] == before[k] + 2.0F);
  CHECK(state.weights.back() == before.back());
}

TEST_CASE("what does not fit event learning is refused by name") {
  const auto samples = comparisons(20, 1);
  TrainingState state;
  auto classifier = small_classifier(false);
  classifier.encoding.bias.clear();
  CHECK_THROWS_WITH(fit(classifier, samples.view(), ArrayExamples{}, some_epochs(1), 1, state),
                    Contains("the training set needs 2 inputs") && Contains("has 3"));
  classifier = small_classifier(false);
  classifier.circuit.projections.push_back({1, 0, 0.0, {}});
  CHECK_THROWS_AS(fit(classifier, samples.view(), ArrayExamples{}, some_epochs(1), 1, state),
                  InvalidValue);
  auto bright = samples;
  bright.values[5] = 1.5F;
  CHECK_THROWS_WITH(small_classifier(false).encoding.times(bright.view(), 2, 0),
                    Contains("value 1 of sample 2 is 1.5") && Contains("expected 0 to 1"));
  state.weights.resize(3);
  CHECK_THROWS_WITH(
      fit(small_classifier(false), samples.view(), ArrayExamples{}, some_epochs(1), 1, state),
      Contains("holds 3 weights; expected 100"));
}
