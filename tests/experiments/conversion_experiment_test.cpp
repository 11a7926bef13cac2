/// Networks of activations from training to spikes: what is lost on the way is reported.

#include <fstream>
#include <limits>

#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/files/checkpoint.hpp"
#include "experiments/classification/classification.hpp"
#include "experiments/classification/report_tables.hpp"
#include "experiments/command_line/exit_code.hpp"
#include "tests/catch.hpp"
#include "tests/experiments/command_runner.hpp"
#include "tests/experiments/published_data.hpp"
#include "tests/temporary_folder.hpp"

namespace ranvier {
namespace {

using test::TemporaryFolder;

LayerDescription hidden(const std::string& name, std::size_t size, const std::string& model,
                        const ValueMap& parameters) {
  LayerDescription layer;
  layer.name = name;
  layer.size = size;
  layer.model = model;
  layer.model_parameters.common = parameters;
  return layer;
}

/// Two hidden layers of `model` on handwritten digits.
ClassificationSetup network_of(const std::string& model, const ValueMap& parameters) {
  ClassificationSetup setup;
  setup.data_set = "digits8x8";
  setup.calibration = 0.2;
  setup.threads = 2;
  setup.network.steps = 1;
  setup.network.loss = {"last_membrane", {}};
  setup.network.layers = {hidden("first", 48, model, parameters),
                          hidden("second", 32, model, parameters),
                          hidden("output", 10, "leaky_integrator",
                                 {{"tau_m", std::numeric_limits<double>::infinity()}})};
  setup.training.parameters.epochs = 12;
  setup.training.parameters.batch_size = 32;
  setup.training.optimiser = {"adam", {{"learning_rate", 0.005}}};
  return setup;
}

Conversion balanced(SpikeSign variant = SpikeSign::unsigned_only) {
  return {.balance = static_cast<int>(Balance::percentile), .variant = static_cast<int>(variant)};
}

ClassificationResults results_of(const ClassificationSetup& setup) {
  TrainingState state;
  return run_classification(setup, load_classification_data(setup), state);
}

}  // namespace

TEST_CASE("one-shot signed conversion loses nothing of a quantised network") {
  const auto [model, parameters] =
      GENERATE(std::pair<std::string, ValueMap>("qcfs", {{"levels", std::int64_t{4}}}),
               std::pair<std::string, ValueMap>("lsq", {{"bits", std::int64_t{2}}}));
  CAPTURE(model);
  auto setup = network_of(model, parameters);
  setup.conversion = {.variant = static_cast<int>(SpikeSign::both),
                      .input = static_cast<int>(InputTiming::one_shot)};
  setup.inference_steps = 8;  // two layers of at most 4 levels
  const auto results = results_of(setup);
  REQUIRE(results.accuracy_ann);
  CHECK(*results.accuracy_ann > 0.9);
  CHECK(results.offline.final_accuracy == *results.accuracy_ann);
}

TEST_CASE("a balanced network of rectified units approaches its accuracy with time") {
  auto setup = network_of("relu", {});
  setup.conversion = balanced();
  setup.inference_steps = 64;
  const auto results = results_of(setup);
  REQUIRE(results.accuracy_ann);
  CHECK(*results.accuracy_ann > 0.9);
  CHECK(results.balanced.at(0) > 0.0);
  CHECK(results.balanced.at(2) == 0.0);
  // 599 test images: one point is six of them.
  CHECK(results.fixed.accuracy.back() > *results.accuracy_ann - 0.01);
  CHECK(results.fixed.accuracy.front() < results.fixed.accuracy.back());
}

TEST_CASE("rectified units without thresholds are refused before any training") {
  auto setup = network_of("relu", {});
  bool trained = false;
  ClassificationHooks hooks;
  hooks.epoch = [&](const EpochRecord&, const TrainingState&) { trained = true; };
  TrainingState state;
  const auto data = load_classification_data(setup);
  REQUIRE_THROWS_WITH(run_classification(setup, data, state, hooks),
                      Catch::Contains("layer 'first' has the activation 'relu'"));
  CHECK_FALSE(trained);
}

TEST_CASE("balanced thresholds carry a network through the accuracy-latency curve of MNIST") {
  const auto found = test::published_data("mnist");
  if (!found) return;
  auto setup = network_of("relu", {});
  setup.data_set = "mnist";
  setup.data = *found;
  setup.data.train_samples = 6000;
  setup.data.test_samples = 1000;
  setup.training.parameters.epochs = 3;
  setup.inference_steps = 32;
  setup.conversion = balanced(GENERATE(SpikeSign::unsigned_only, SpikeSign::both));
  const auto results = results_of(setup);
  REQUIRE(results.accuracy_ann);
  CHECK(*results.accuracy_ann > 0.9);
  CHECK(results.fixed.accuracy.back() >= *results.accuracy_ann - 0.005);
  CHECK(results.fixed.accuracy.front() < results.fixed.accuracy.back());
}

TEST_CASE("a configuration converts weights from a file and reports what conversion costs") {
  const TemporaryFolder folder;
  const auto setup = network_of("qcfs", {{"levels", std::int64_t{4}}});
  const auto network = results_of(setup).network;
  Archive archive;
  for (const auto& tensor : network.tensors) {
    const auto* first = network.numbers.data() + tensor.offset;
    archive.put("weights/" + tensor.name, std::vector<float>(first, first + tensor.size()));
  }
  write_checkpoint(folder / "weights.h5", archive);
  const std::string hidden_layers =
      "    - {name: first, size: 48, model: qcfs, parameters: {levels: 4}}\n"
      "    - {name: second, size: 32, model: qcfs, parameters: {levels: 4}}\n";
  const std::string configuration =
      "experiment: classify\n"
      "data: {set: digits8x8, calibration: 0.2}\n"
      "network:\n"
      "  steps: 1\n"
      "  loss: last_membrane\n"
      "  weights: " +
      (folder / "weights.h5").string() +
      "\n"
      "  layers:\n" +
      hidden_layers +
      "    - {name: output, size: 10, model: leaky_integrator, parameters: {tau_m: .inf}}\n"
      "training: {epochs: 0}\n"
      "inference: {steps: 8, conversion: {variant: signed, input: one_shot}}\n";
  write_file(folder / "convert.yaml", configuration);
  const auto run = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"run",         (folder / "convert.yaml").string(),
                                       "--out",       (folder / "out").string(),
                                       "--no-report", "--quiet"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return test::ranvier(arguments);
  };
  const auto result = run({});
  INFO(result.err);
  REQUIRE(result.code == success);
  std::ifstream file(folder / "out" / "metrics.json");
  const auto metrics = nlohmann::json::parse(file);
  CHECK(metrics["accuracy_ann"] > 0.9);
  CHECK(metrics["accuracy_full"] == metrics["accuracy_ann"]);
  CHECK(metrics["conversion_loss"] == 0.0);
  CHECK(metrics["digest"] == weight_digest(network));

  const auto renamed = run({"--set", "network.layers.0.name=frist"});
  CHECK(renamed.code != success);
  CHECK_THAT(renamed.err, Catch::Contains("holds no weights 'frist.weight'; did you mean "
                                          "'first.weight'?"));
  const auto resized = run({"--set", "network.layers.1.size=31"});
  CHECK_THAT(resized.err, Catch::Contains("expected 1488"));
  const auto misspelt = run({"--set", "inference.conversion.variant=signd"});
  CHECK(misspelt.code == invalid_configuration);
  CHECK_THAT(misspelt.err, Catch::Contains("inference.conversion.variant"));
  CHECK_THAT(misspelt.err, Catch::Contains("'signed'"));
}

}  // namespace ranvier
