/// The `classify` experiment: a spiking network is trained on labelled samples, then asked in the
/// event or clock runtime, with and without the dynamic-confidence agent.

#include <fmt/format.h>

#include "core/error.hpp"
#include "experiments/classification/classification.hpp"
#include "experiments/classification/network_section.hpp"
#include "experiments/classification/report_tables.hpp"
#include "experiments/classification/training_archive.hpp"
#include "experiments/config/read.hpp"
#include "experiments/experiment.hpp"
#include "experiments/runner.hpp"

namespace ranvier {
namespace {

/// Keys of the sections, each declared once.
struct DataKeys {
  double calibration = 0.15;

  static std::vector<Field<DataKeys>> fields() {
    return {real("calibration", &DataKeys::calibration, "",
                 Bounds{.lower = 0.0, .upper = 1.0, .lower_open = true, .upper_open = true},
                 "share of the training samples held back to fit the agent")};
  }
};

struct InferenceKeys {
  int runtime = 1;
  bool on_grid = true;
  int decide = static_cast<int>(DecideAt::steps);

  static std::vector<Field<InferenceKeys>> fields() {
    return {choice("runtime", &InferenceKeys::runtime, {"clock", "event"}, "runtime that answers"),
            boolean("on_grid", &InferenceKeys::on_grid,
                    "spikes of the event runtime fall on the steps of training"),
            choice("decide", &InferenceKeys::decide, {"steps", "events"},
                   "the agent is asked after every step or at every output event")};
  }
};

const std::vector<std::string> top_keys{"data", "network", "training", "inference"};
const std::vector<std::string> training_keys{"optimiser", "schedule", "rate_regularisation"};
/// A choice that may be left out.
template <class Entry>
void read_optional_choice(const ConfigNode& node, const Registry<Entry>& registry, Choice& into) {
  if (!node.exists()) return;
  if (auto chosen = read_chosen(node, registry)) {
    into = {std::move(chosen->name), std::move(chosen->parameters)};
  }
}

void read_data(const ConfigNode& node, ClassificationSetup& setup) {
  auto keys = names_of(parameters_of<DataKeys>());
  keys.emplace_back("set");
  setup.data = read_struct<DataOptions>(node, {.others = keys});
  auto others = names_of(parameters_of<DataOptions>());
  others.emplace_back("set");
  setup.calibration = read_struct<DataKeys>(node, {.others = others}).calibration;
  const auto set = node.required("set", "the name of a data set");
  if (!set.exists()) return;
  if (const auto name = read_name(set, data_sets())) setup.data_set = *name;
}

void read_training(const ConfigNode& node, TrainingDescription& training) {
  training.parameters = read_struct<TrainingParameters>(node, {.others = training_keys});
  read_optional_choice(node["optimiser"], optimisers(), training.optimiser);
  read_optional_choice(node["schedule"], schedules(), training.schedule);
  const auto penalty = node["rate_regularisation"];
  if (!penalty.exists()) return;
  training.penalty = read_struct<RateRegularisation>(penalty);
  try {
    training.penalty.validate(penalty.path());
  } catch (const InvalidValue& error) {
    penalty.report(error.what());
  }
}

void read_inference(const ConfigNode& node, ClassificationSetup& setup) {
  const auto keys = read_struct<InferenceKeys>(node, {.others = {"agent"}});
  setup.inference.runtime = keys.runtime == 0 ? "clock" : "event";
  setup.inference.on_grid = keys.on_grid;
  setup.inference.decide = static_cast<DecideAt>(keys.decide);
  setup.agent = read_struct<agent::DynamicConfidenceParameters>(node.section("agent"));
}

std::string epoch_line(const EpochRecord& e) {
  return fmt::format(
      "epoch {}: loss {:.4f}, training accuracy {:.4f}, held-out accuracy {:.4f}, "
      "{:.2f} s",
      e.epoch, e.loss, e.accuracy, e.validation ? e.validation->accuracy : 0.0, e.seconds);
}

ClassificationHooks hooks_of(RunContext& context) {
  ClassificationHooks hooks;
  hooks.progress = [&context](const std::string& phase, double share) {
    if (!context.options().progress) return;
    context.options().progress(
        {.stage = phase, .done = 100.0 * share, .total = 100.0, .unit = "%"});
  };
  hooks.epoch = [&context](const EpochRecord& record, const TrainingState&) {
    context.log(epoch_line(record));
    for (const auto& tensor : record.without_gradient) {
      context.warn(
          fmt::format("{} has had no gradient in the whole of epoch {}: it does not learn (silent "
                      "neurons, or a "
                      "surrogate too narrow)",
                      tensor, record.epoch));
    }
  };
  hooks.interrupted = context.options().interrupted;
  return hooks;
}

void run(ClassificationSetup setup, RunContext& context) {
  setup.threads = context.options().threads;
  const auto data = load_classification_data(setup);
  TrainingState state;
  if (const auto* archive = context.resumed()) state = training_state_of(*archive);
  ClassificationResults results;
  try {
    results = run_classification(setup, data, state, hooks_of(context));
  } catch (const Interrupted&) {
    context.keep_checkpoint(archive_of(state));
    throw;
  }
  auto& out = context.results();
  write_classification(out.file, setup, data, results);
  for (const auto& [name, value] : classification_metrics(results)) out.metrics.set(name, value);
  out.metrics.set("digest", weight_digest(results.network));
  context.show(classification_table(results));
}

Job read(const ConfigNode& root, std::uint64_t seed) {
  auto known = common_keys();
  known.insert(known.end(), top_keys.begin(), top_keys.end());
  root.allow_only(known);
  ClassificationSetup setup;
  setup.seed = seed;
  setup.training.seed = seed;
  read_data(root.section("data"), setup);
  read_network_section(root.section("network"), setup.network);
  read_training(root.section("training"), setup.training);
  read_inference(root.section("inference"), setup);
  return {.run = [setup](RunContext& context) { run(setup, context); },
          .may_change = {"inference"}};
}

Schema schema() {
  auto data_keys = parameters_of<DataOptions>();
  for (const auto& parameter : parameters_of<DataKeys>()) data_keys.push_back(parameter);
  const auto data =
      schema_of_map(data_keys, {{"set", schema_of_words(data_sets().names())}}, {"set"});
  const auto training =
      schema_of_map(parameters_of<TrainingParameters>(),
                    {{"optimiser", schema_of_choice(optimisers())},
                     {"schedule", schema_of_choice(schedules())},
                     {"rate_regularisation", schema_of_map(parameters_of<RateRegularisation>())}});
  const auto inference = schema_of_map(
      parameters_of<InferenceKeys>(),
      {{"agent", schema_of_map(parameters_of<agent::DynamicConfidenceParameters>())}});
  return schema_of_map({},
                       {{"data", data},
                        {"network", network_section_schema()},
                        {"training", training},
                        {"inference", inference}},
                       {"data", "network"});
}

const auto& registered = add_experiment(
    {.name = "classify",
     .summary = "train a spiking classifier and let an agent stop each inference when it is sure",
     .read = read,
     .schema = schema});

}  // namespace
}  // namespace ranvier
