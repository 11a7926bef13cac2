#include "experiments/classification/classification.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>

#include <fmt/format.h>

#include "core/error.hpp"
#include "experiments/datasets/split.hpp"
#include "networks/presenter.hpp"
#include "networks/stages/activation.hpp"
#include "networks/threshold_balance.hpp"
#include "networks/weights_file.hpp"

namespace ranvier {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

InferenceProgress progress_of(const ClassificationHooks& hooks, std::string phase,
                              std::size_t samples) {
  return [&hooks, phase = std::move(phase), samples](std::size_t done) {
    if (hooks.progress) {
      hooks.progress(phase, static_cast<double>(done) / static_cast<double>(samples));
    }
    return hooks.interrupted && hooks.interrupted();
  };
}

void train(const ClassificationSetup& setup, const ClassificationData& data,
           Sequential<float>& network, TrainingState& state, const ClassificationHooks& hooks) {
  const double epochs = static_cast<double>(setup.training.parameters.epochs);
  TrainingHooks training;
  training.epoch = hooks.epoch;
  training.stop = hooks.interrupted;
  training.batch = [&](const BatchRecord& record) {
    if (!hooks.progress) return;
    const double in_epoch = static_cast<double>(record.batch) / static_cast<double>(record.batches);
    hooks.progress("training", (static_cast<double>(record.epoch - 1) + in_epoch) / epochs);
  };
  const bool finished = fit(network, data.train, data.calibration, setup.training,
                            static_cast<int>(setup.threads), state, training);
  if (!finished) {
    throw Interrupted(fmt::format("training was stopped in epoch {}", state.epoch + 1));
  }
}

/// Whether the network has units without time, which are made to spike after training.
bool is_converted(const SequentialDescription& network) {
  return std::ranges::any_of(network.layers, [](const LayerDescription& layer) {
    return activations().contains(layer.model);
  });
}

/// Throws what `trained` will throw after training.
void require_convertible(const Sequential<float>& network, const Conversion& conversion) {
  const std::vector<double> thresholds(conversion.balanced() ? network.layer_count() : 0, 1.0);
  static_cast<void>(trained(network, conversion, thresholds));
}

/// Makes the trained network spike, and notes what it was worth before.
void convert(const ClassificationSetup& setup, const ClassificationData& data,
             const Sequential<float>& network, ClassificationResults& results) {
  const auto threads = static_cast<int>(setup.threads);
  if (setup.conversion.balanced()) {
    results.balanced =
        balanced_thresholds(network, data.train, setup.conversion.percentile,
                            static_cast<std::size_t>(setup.conversion.samples), threads);
  }
  results.network = trained(network, setup.conversion, results.balanced);
  if (setup.inference_steps > 0) results.network.description.steps = setup.inference_steps;
  if (is_converted(network.description())) {
    results.accuracy_ann = evaluate(network, data.test, threads, setup.seed).accuracy;
  }
}

/// The record of a set run to the end of the window, with the decision points the agent will have.
struct Record {
  agent::Trace steps;
  agent::EventTrace events;
  bool on_events = false;

  agent::TraceView view() const {
    return on_events ? agent::TraceView(events) : agent::TraceView(steps);
  }
};

Record record(Inference& inference, const LabelledData& data, DecideAt at,
              const InferenceProgress& progress) {
  Record result;
  result.on_events = at == DecideAt::events;
  if (result.on_events) {
    result.events = inference.record_event_trace(data, progress);
  } else {
    result.steps = inference.record_trace(data, progress);
  }
  return result;
}

/// Confidence at the end of the window under a temperature, as a reliability diagram.
agent::Reliability final_reliability(const agent::TraceView& trace, double temperature) {
  return agent::reliability(agent::last_points(trace), temperature);
}

/// How well the confidence at the end of the window tells right answers from wrong ones; a
/// temperature hardly changes the order, so 1 will do.
agent::RiskCoverage final_risk_coverage(const agent::TraceView& trace) {
  const auto decisions = agent::decisions_of(trace, 1.0);
  std::vector<double> confidence;
  std::vector<std::uint8_t> correct;
  for (std::size_t i = 0; i < decisions.samples(); ++i) {
    confidence.push_back(decisions.score[decisions.last(i)]);
    correct.push_back(decisions.correct[decisions.last(i)]);
  }
  return agent::risk_coverage(confidence, correct);
}

/// Every threshold of a rule that has a single one.
agent::ExitCurve curve_of(const agent::ExitRule& rule, const agent::TraceView& trace) {
  return rule.thresholds().size() == 1 ? agent::exit_curve(rule.scored(trace)) : agent::ExitCurve{};
}

/// The name of a rule, with its parameters where another one has the same name.
std::string label_of(const Choice& rule, const std::vector<Choice>& rules) {
  const bool alone = std::ranges::count(rules, rule.name, &Choice::name) == 1;
  if (alone || rule.parameters.empty()) return rule.name;
  std::string text;
  for (const auto& [name, value] : rule.parameters) {
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", name, to_string(value));
  }
  return fmt::format("{} ({})", rule.name, text);
}

/// The agent's rule and those it is compared with, each fitted and judged on the same two records.
std::vector<agent::RuleResult> compared(const ClassificationSetup& setup,
                                        const agent::TraceView& held_out,
                                        const agent::TraceView& test) {
  std::vector<agent::RuleResult> results;
  if (setup.compare.empty()) return results;
  std::vector<Choice> rules{setup.agent};
  rules.insert(rules.end(), setup.compare.begin(), setup.compare.end());
  for (const auto& rule : rules) {
    results.push_back(
        agent::fitted_and_judged(agent::exit_rule(rule.name, rule.parameters), held_out, test));
    results.back().name = label_of(rule, rules);
  }
  return results;
}

/// What is worth telling of the events of a part.
void note_events(std::string_view part, const LabelledData& data, const ClassificationSetup& setup,
                 std::vector<std::string>& notes) {
  const double window = static_cast<double>(setup.network.steps) * setup.network.step;
  const auto found = survey(data, window, static_cast<int>(setup.threads));
  const auto of_part = fmt::format("the {} part of data set '{}'", part, setup.data_set);
  if (found.late > 0) {
    notes.push_back(fmt::format(
        "{} of {} events of {} come after the window of {} ms, in {} of {} samples, and are not "
        "shown",
        found.late, found.events, of_part, window, found.cut, data.size()));
  }
  if (found.empty > 0) {
    notes.push_back(
        fmt::format("{} of {} samples of {} have no event", found.empty, data.size(), of_part));
  }
  if (found.reordered > 0) {
    notes.push_back(fmt::format("{} of {} samples of {} had their events out of order; sorted",
                                found.reordered, data.size(), of_part));
  }
}

/// Checks one part against the network and notes what is odd about it.
void look_at(std::string_view part, const LabelledData& data, const ClassificationSetup& setup,
             std::vector<std::string>& notes) {
  auto network = setup.network;
  network.inputs = data.shape().size();
  require_fit(data, network, fmt::format("the {} part of data set '{}'", part, setup.data_set));
  if (const auto missing = missing_classes(data); !missing.empty()) {
    notes.push_back(fmt::format("the {} part of data set '{}' has no sample of class {}", part,
                                setup.data_set, missing));
  }
  if (data.has_events()) note_events(part, data, setup, notes);
}

void summarise_answers(const ClassificationData& data, ClassificationResults& results) {
  const auto count = static_cast<double>(results.answers.size());
  for (std::size_t i = 0; i < results.answers.size(); ++i) {
    const auto& answer = results.answers[i];
    results.accuracy_agent += answer.prediction == data.test.label(i) ? 1.0 / count : 0.0;
    results.latency_agent += answer.latency / count;
    results.events_agent += static_cast<double>(answer.synaptic_events) / count;
  }
}

}  // namespace

ClassificationData load_classification_data(const ClassificationSetup& setup) {
  auto options = setup.data;
  options.seed = setup.seed;
  options.threads = setup.threads;
  auto loaded = load_data(setup.data_set, options);
  const auto& layers = setup.network.layers;
  if (layers.empty() || layers.back().size != loaded.train.classes()) {
    throw InvalidValue(fmt::format(
        "the last layer has {} neurons; data set {} has {} classes, expected one neuron for each",
        layers.empty() ? 0 : layers.back().size, setup.data_set, loaded.train.classes()));
  }
  require_deployable(setup.network);
  auto parts = split_fraction(loaded.train, setup.calibration, setup.seed);
  if (parts.test.size() == 0 || parts.train.size() == 0) {
    throw InvalidValue(
        fmt::format("a calibration share of {} of {} training samples leaves {} to train on and {} "
                    "to calibrate "
                    "on; expected some of both",
                    setup.calibration, loaded.train.size(), parts.train.size(), parts.test.size()));
  }
  ClassificationData data{.train = std::move(parts.train),
                          .calibration = std::move(parts.test),
                          .test = std::move(loaded.test),
                          .notes = {}};
  data.train.augment(setup.augmentation, setup.seed);
  look_at("training", data.train, setup, data.notes);
  look_at("calibration", data.calibration, setup, data.notes);
  look_at("test", data.test, setup, data.notes);
  return data;
}

ClassificationResults run_classification(const ClassificationSetup& setup,
                                         const ClassificationData& data, TrainingState& state,
                                         const ClassificationHooks& hooks) {
  ClassificationResults results;
  auto description = setup.network;
  description.shape = data.train.shape();
  description.inputs = description.shape.size();
  Sequential<float> network(description, setup.seed);
  if (!setup.weights.empty()) read_weights(setup.weights, network);
  require_convertible(network, setup.conversion);

  auto start = Clock::now();
  train(setup, data, network, state, hooks);
  results.learning = state.history;
  for (const auto& epoch : state.history) results.train_seconds += epoch.seconds;
  convert(setup, data, network, results);

  auto options = setup.inference;
  options.threads = setup.threads;
  options.seed = setup.seed;
  Inference inference(results.network, options);
  const auto held_out =
      record(inference, data.calibration, setup.decide,
             progress_of(hooks, "calibrating the agent", data.calibration.size()));
  auto& rule = results.rule.emplace(agent::exit_rule(setup.agent.name, setup.agent.parameters));
  rule.fit(held_out.view());
  results.calibration_curve = curve_of(rule, held_out.view());

  start = Clock::now();
  const auto full = record(inference, data.test, setup.decide,
                           progress_of(hooks, "testing without the agent", data.test.size()));
  results.full_seconds = seconds_since(start);
  const auto decisions = rule.scored(full.view());
  results.test_curve = curve_of(rule, full.view());
  results.fixed = agent::fixed_time_curve(decisions);
  results.oracle = agent::oracle(decisions);
  results.offline = agent::evaluate(rule, full.view());
  results.comparison = compared(setup, held_out.view(), full.view());
  results.events_full = results.offline.final_events.value_or(0.0);
  // What calibrates the final answer is another temperature than what makes a good exit score.
  results.final_temperature =
      agent::fit_temperature(agent::last_points(held_out.view())).temperature;
  results.reliability_before = final_reliability(full.view(), 1.0);
  results.reliability_after = final_reliability(full.view(), results.final_temperature);
  results.calibration = agent::calibration_report(
      agent::predictions_of(agent::last_points(full.view()), results.final_temperature),
      {.replicates = 100, .seed = setup.seed});
  results.risk_coverage = final_risk_coverage(full.view());
  if (!full.on_events) {
    results.over_time = agent::calibration_over_time(held_out.view(), full.view());
  }

  start = Clock::now();
  results.answers =
      inference.answer(data.test, rule, setup.decide,
                       progress_of(hooks, "testing with the agent", data.test.size()));
  results.agent_seconds = seconds_since(start);
  summarise_answers(data, results);

  results.example = {
      .sample = 0, .activity = inference.observe(data.test, 0), .answer = results.answers[0]};
  return results;
}

}  // namespace ranvier
