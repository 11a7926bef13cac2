/// The `classify` experiment: a spiking network is trained on labelled samples, then asked in the
/// event or clock runtime, with and without the dynamic-confidence agent.

#include <fmt/format.h>

#include "core/error.hpp"
#include "experiments/classification/classification.hpp"
#include "experiments/classification/data_section.hpp"
#include "experiments/classification/epoch_log.hpp"
#include "experiments/classification/network_section.hpp"
#include "experiments/classification/report_tables.hpp"
#include "experiments/classification/training_archive.hpp"
#include "experiments/config/read.hpp"
#include "experiments/experiment.hpp"
#include "experiments/runner.hpp"

namespace ranvier {
namespace {

/// Keys of the sections, each declared once.
struct InferenceKeys {
  std::int64_t steps = 0;
  int runtime = 1;
  bool on_grid = true;
  int decide = static_cast<int>(DecideAt::steps);

  static std::vector<Field<InferenceKeys>> fields() {
    return {integer("steps", &InferenceKeys::steps, Bounds{.lower = 0.0, .upper = 10000.0},
                    "steps a sample is shown for; 0 for those of training"),
            choice("runtime", &InferenceKeys::runtime, {"clock", "event"}, "runtime that answers"),
            boolean("on_grid", &InferenceKeys::on_grid,
                    "spikes of the event runtime fall on the steps of training"),
            choice("decide", &InferenceKeys::decide, {"steps", "events"},
                   "the agent is asked after every step or at every output event")};
  }
};

const std::vector<std::string> top_keys{"data", "network", "training", "inference"};
const std::vector<std::string> training_keys{"optimiser", "schedule", "rate_regularisation",
                                             "credit", "error_transport"};

/// The name of an entry that has no parameters; it may be left out.
template <class Entry>
void read_optional_name(const ConfigNode& node, const Registry<Entry>& registry,
                        std::string& into) {
  if (!node.exists()) return;
  if (auto name = read_name(node, registry)) into = std::move(*name);
}

void read_training(const ConfigNode& node, TrainingDescription& training,
                   SequentialDescription& network) {
  training.parameters = read_struct<TrainingParameters>(node, {.others = training_keys});
  read_optional_choice(node["optimiser"], optimisers(), training.optimiser);
  read_optional_choice(node["schedule"], schedules(), training.schedule);
  read_optional_name(node["credit"], credit_rules(), network.credit);
  read_optional_name(node["error_transport"], error_transports(), network.error_transport);
  const auto penalty = node["rate_regularisation"];
  if (!penalty.exists()) return;
  training.penalty = read_struct<RateRegularisation>(penalty);
  try {
    training.penalty.validate(penalty.path());
  } catch (const InvalidValue& error) {
    penalty.report(error.what());
  }
}

/// An exit rule whose parameters also fit together; nothing where it was reported.
std::optional<Choice> read_exit_rule(const ConfigNode& node) {
  auto chosen = read_chosen(node, agent::exit_rules());
  if (!chosen) return std::nullopt;
  try {
    static_cast<void>(agent::exit_rule(chosen->name, chosen->parameters));
  } catch (const InvalidValue& error) {
    node.report(fmt::format("{} cannot be: {}", node.path(), error.what()));
    return std::nullopt;
  }
  return Choice{std::move(chosen->name), std::move(chosen->parameters)};
}

void read_inference(const ConfigNode& node, ClassificationSetup& setup) {
  const auto keys =
      read_struct<InferenceKeys>(node, {.others = {"agent", "compare", "conversion"}});
  setup.inference_steps = static_cast<std::size_t>(keys.steps);
  setup.inference.runtime = keys.runtime == 0 ? "clock" : "event";
  setup.inference.on_grid = keys.on_grid;
  setup.decide = static_cast<DecideAt>(keys.decide);
  if (const auto conversion = node["conversion"]; conversion.exists()) {
    setup.conversion = read_struct<Conversion>(conversion);
  }
  if (const auto rule = node["agent"]; rule.exists()) {
    if (auto chosen = read_exit_rule(rule)) setup.agent = *std::move(chosen);
  }
  for (const auto& rule : node["compare"].items("a list of exit rules")) {
    if (auto chosen = read_exit_rule(rule)) setup.compare.push_back(*std::move(chosen));
  }
}

ClassificationHooks hooks_of(RunContext& context) {
  ClassificationHooks hooks;
  hooks.progress = [&context](const std::string& phase, double share) {
    if (!context.options().progress) return;
    context.options().progress(
        {.stage = phase, .done = 100.0 * share, .total = 100.0, .unit = "%"});
  };
  hooks.epoch = [&context](const EpochRecord& record, const TrainingState&) {
    log_epoch(record, "silent neurons, or a surrogate too narrow", context);
  };
  hooks.interrupted = context.options().interrupted;
  return hooks;
}

void run(ClassificationSetup setup, RunContext& context) {
  setup.threads = context.options().threads;
  const auto data = load_classification_data(setup);
  for (const auto& note : data.notes) context.warn(note);
  TrainingState state;
  if (const auto* archive = context.resumed()) state = training_state_of(*archive);
  ClassificationResults results;
  try {
    results = run_classification(setup, data, state, hooks_of(context));
  } catch (const Interrupted&) {
    context.keep_checkpoint(archive_of(state));
    throw;
  } catch (const Error&) {
    // A condition on the agent that cannot be met does not cost the training.
    if (static_cast<std::int64_t>(state.epoch) >= setup.training.parameters.epochs) {
      context.keep_checkpoint(archive_of(state));
      context.log("the trained network is kept: change 'inference' and go on with --resume");
    }
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
  read_data_section(root.section("data"), setup);
  read_network_section(root.section("network"), setup);
  read_training(root.section("training"), setup.training, setup.network);
  read_inference(root.section("inference"), setup);
  return {.run = [setup](RunContext& context) { run(setup, context); },
          .may_change = {"inference"}};
}

Schema schema() {
  const auto training =
      schema_of_map(parameters_of<TrainingParameters>(),
                    {{"optimiser", schema_of_choice(optimisers())},
                     {"schedule", schema_of_choice(schedules())},
                     {"credit", schema_of_words(credit_rules().names())},
                     {"error_transport", schema_of_words(error_transports().names())},
                     {"rate_regularisation", schema_of_map(parameters_of<RateRegularisation>())}});
  const auto rule = schema_of_choice(agent::exit_rules());
  const auto inference = schema_of_map(
      parameters_of<InferenceKeys>(), {{"agent", rule},
                                       {"compare", schema_of_list(rule)},
                                       {"conversion", schema_of_map(parameters_of<Conversion>())}});
  return schema_of_map({},
                       {{"data", data_section_schema()},
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
