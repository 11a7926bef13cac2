/// The `event_learning` experiment: a network of leaky integrate-and-fire neurons learns in the event
/// runtime, by exact gradients of spike times, to answer with the class whose neuron fires first.

#include <fmt/format.h>

#include "core/error.hpp"
#include "experiments/classification/data_section.hpp"
#include "experiments/classification/epoch_log.hpp"
#include "experiments/classification/training_archive.hpp"
#include "experiments/config/read.hpp"
#include "experiments/datasets/split.hpp"
#include "experiments/event_learning/event_network_section.hpp"
#include "experiments/event_learning/event_results.hpp"
#include "experiments/experiment.hpp"
#include "experiments/runner.hpp"
#include "networks/event_learning/event_trainer.hpp"

namespace ranvier {
namespace {

struct EventLearningSetup {
  ClassificationSetup data;  ///< its section `data` and seed
  EventNetworkSection network;
  EventTrainingDescription training;
};

struct EventLearningData {
  LabelledData train, validation, test;
};

EventLearningData load(const EventLearningSetup& setup, unsigned threads) {
  auto options = setup.data.data;
  options.seed = setup.data.seed;
  options.threads = threads;
  auto loaded = load_data(setup.data.data_set, options);
  const auto& output = setup.network.layers.back().population;
  if (output.size != loaded.train.classes()) {
    throw InvalidValue(fmt::format(
        "the last layer has {} neurons; data set {} has {} classes, expected one neuron for each",
        output.size, setup.data.data_set, loaded.train.classes()));
  }
  auto parts = split_fraction(loaded.train, setup.data.calibration, setup.data.seed);
  parts.train.augment(setup.data.augmentation, setup.data.seed);
  return {std::move(parts.train), std::move(parts.test), std::move(loaded.test)};
}

TrainingHooks hooks_of(const EventLearningSetup& setup, RunContext& context) {
  TrainingHooks hooks;
  const auto epochs = static_cast<double>(setup.training.training.parameters.epochs);
  hooks.batch = [&context, epochs](const BatchRecord& record) {
    if (!context.options().progress) return;
    const double in_epoch = static_cast<double>(record.batch) / static_cast<double>(record.batches);
    context.options().progress({.stage = "training",
                                .done = static_cast<double>(record.epoch - 1) + in_epoch,
                                .total = epochs,
                                .unit = "epochs"});
  };
  hooks.epoch = [&context](const EpochRecord& record, const TrainingState&) {
    log_epoch(record, "silent neurons, whose weights training.silent.bump raises", context);
  };
  hooks.stop = context.options().interrupted;
  return hooks;
}

TrainingState initial_state(const EventLearningSetup& setup, const EventCircuit& circuit,
                            const RunContext& context) {
  if (const auto* archive = context.resumed()) return training_state_of(*archive);
  TrainingState state;
  const auto& file = setup.network.weights;
  state.weights =
      file.empty() ? initial_weights(circuit, setup.data.seed) : read_event_weights(file, circuit);
  return state;
}

void run(const EventLearningSetup& setup, RunContext& context) {
  const auto threads = static_cast<int>(context.options().threads);
  const auto data = load(setup, context.options().threads);
  const auto& network = setup.network;
  const EventClassifier classifier{
      .circuit =
          layered_circuit(network.layers, network.encoding.inputs(data.train), network.window),
      .encoding = network.encoding,
      .loss = network.loss};
  auto state = initial_state(setup, classifier.circuit, context);
  if (!fit(classifier, data.train, data.validation, setup.training, threads, state,
           hooks_of(setup, context))) {
    context.keep_checkpoint(archive_of(state));
    throw Interrupted(fmt::format("training was stopped in epoch {}", state.epoch + 1));
  }
  const auto test =
      evaluate(classifier, state.weights, data.test, threads, context.options().interrupted);
  auto& out = context.results();
  write_event_learning(out.file, classifier.circuit, state);
  for (const auto& [name, value] : event_learning_metrics(classifier.circuit, state, test)) {
    out.metrics.set(name, value);
  }
  out.metrics.set("digest", weight_digest(state.weights));
  context.show(event_learning_table(classifier.circuit, test));
}

Job read(const ConfigNode& root, std::uint64_t seed) {
  auto known = common_keys();
  known.insert(known.end(), {"data", "network", "training"});
  root.allow_only(known);
  EventLearningSetup setup;
  setup.data.seed = seed;
  read_data_section(root.section("data"), setup.data);
  setup.network = read_event_network(root.section("network"));
  const auto training = root.section("training");
  auto& description = setup.training.training;
  description.seed = seed;
  description.parameters =
      read_struct<TrainingParameters>(training, {.others = {"optimiser", "schedule", "silent"}});
  read_optional_choice(training["optimiser"], optimisers(), description.optimiser);
  read_optional_choice(training["schedule"], schedules(), description.schedule);
  setup.training.silent = read_struct<SilentNeurons>(training.section("silent"));
  return {.run = [setup](RunContext& context) { run(setup, context); }};
}

Schema schema() {
  const auto training = schema_of_map(parameters_of<TrainingParameters>(),
                                      {{"optimiser", schema_of_choice(optimisers())},
                                       {"schedule", schema_of_choice(schedules())},
                                       {"silent", schema_of_map(parameters_of<SilentNeurons>())}});
  return schema_of_map({},
                       {{"data", data_section_schema()},
                        {"network", event_network_schema()},
                        {"training", training}},
                       {"data", "network"});
}

const auto& registered = add_experiment(
    {.name = "event_learning",
     .summary =
         "train spike times by exact gradients in the event runtime; the first spike answers",
     .read = read,
     .schema = schema});

}  // namespace
}  // namespace ranvier
