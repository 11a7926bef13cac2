#include "experiments/classification/report_tables.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "core/recording.hpp"

namespace ranvier {
namespace {

/// A column of a table, computed row by row.
template <class Rows, class Value>
auto column(const Rows& rows, Value value) {
  std::vector<std::decay_t<decltype(value(rows[0]))>> values;
  for (const auto& row : rows) values.push_back(value(row));
  return values;
}

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

double or_nan(const std::optional<double>& value) { return value.value_or(nan); }

double ece_of(const std::optional<agent::Reliability>& reliability) {
  return reliability ? reliability->ece : nan;
}

void write_learning(hdf5::Group group, const std::vector<EpochRecord>& history) {
  group.write("epoch", column(history, [](const auto& e) { return e.epoch; }));
  group.write("loss", column(history, [](const auto& e) { return e.loss; }));
  group.write("learning_rate", column(history, [](const auto& e) { return e.learning_rate; }));
  group.write("train_accuracy", column(history, [](const auto& e) { return e.accuracy; }));
  group.write("validation_accuracy", column(history, [](const auto& e) {
                return e.validation ? e.validation->accuracy : nan;
              }));
}

void write_curve(hdf5::Group group, const agent::ExitCurve& curve) {
  group.write("threshold", column(curve.points, [](const auto& p) { return p.threshold; }));
  group.write("latency", column(curve.points, [](const auto& p) { return p.latency; }));
  group.write("accuracy", column(curve.points, [](const auto& p) { return p.accuracy; }));
}

void write_reliability(hdf5::Group group, const agent::Reliability& reliability) {
  const auto& bins = reliability.bins;
  group.write("lower", column(bins, [](const auto& b) { return b.lower; }));
  group.write("upper", column(bins, [](const auto& b) { return b.upper; }));
  group.write("confidence", column(bins, [](const auto& b) { return b.confidence; }));
  group.write("accuracy", column(bins, [](const auto& b) { return b.accuracy; }));
  group.write("count",
              column(bins, [](const auto& b) { return static_cast<std::int64_t>(b.count); }));
  group.set_attribute("ece", reliability.ece);
}

void write_risk_coverage(hdf5::Group group, const agent::RiskCoverage& curve) {
  group.write("coverage", curve.coverage);
  group.write("risk", curve.risk);
  group.set_attribute("area", curve.area);
  group.set_attribute("auroc", or_nan(curve.auroc));
}

/// A row per measure with its interval, and what chance alone would leave of the first.
void write_errors(hdf5::Group group, const agent::CalibrationReport& report) {
  using Errors = agent::CalibrationErrors;
  const std::vector<std::pair<std::string, double Errors::*>> measures{
      {"ece", &Errors::ece},
      {"mce", &Errors::mce},
      {"ace", &Errors::ace},
      {"adaptive_ece", &Errors::adaptive_ece},
      {"classwise_ece", &Errors::classwise_ece},
      {"nll", &Errors::nll},
      {"brier", &Errors::brier}};
  const auto names = column(measures, [](const auto& m) { return m.first; });
  group.write("measure", std::span<const std::string>(names));
  group.write("value", column(measures, [&](const auto& m) { return report.value.*m.second; }));
  group.write("lower", column(measures, [&](const auto& m) { return report.lower.*m.second; }));
  group.write("upper", column(measures, [&](const auto& m) { return report.upper.*m.second; }));
  group.set_attribute("ece_if_calibrated", report.ece_if_calibrated);
}

void write_over_time(hdf5::Group group, const std::vector<agent::StepCalibration>& steps) {
  const auto write = [&](const char* name, auto value) { group.write(name, column(steps, value)); };
  write("temperature", [](const auto& s) { return s.temperature; });
  write("ece_sum", [](const auto& s) { return s.ece_sum; });
  write("ece_mean", [](const auto& s) { return s.ece_mean; });
  write("ece_horizon", [](const auto& s) { return s.ece_horizon; });
  write("ece_fitted", [](const auto& s) { return s.ece_fitted; });
  write("nll_fitted", [](const auto& s) { return s.nll_fitted; });
  write("brier_fitted", [](const auto& s) { return s.brier_fitted; });
}

void write_decisions(hdf5::Group group, const LabelledData& test,
                     const std::vector<Answer>& answers) {
  std::vector<std::int32_t> correct;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    correct.push_back(answers[i].prediction == test.label(i) ? 1 : 0);
  }
  group.write("latency", column(answers, [](const auto& a) { return a.latency; }));
  group.write("correct", correct);
  group.write("score", column(answers, [](const auto& a) { return a.score; }));
  group.write("probability", column(answers, [](const auto& a) { return or_nan(a.probability); }));
  group.write("events", column(answers, [](const auto& a) { return a.synaptic_events; }));
}

/// One row per rule, and every threshold of those that have one.
void write_comparison(hdf5::Group group, const std::vector<agent::RuleResult>& rules) {
  const auto names = column(rules, [](const auto& r) { return r.name; });
  group.write("rule", std::span<const std::string>(names));
  const auto write = [&](const char* name, auto value) { group.write(name, column(rules, value)); };
  write("accuracy", [](const auto& r) { return r.test.accuracy; });
  write("latency", [](const auto& r) { return r.test.mean_latency; });
  write("latency_p95", [](const auto& r) { return r.test.p95_latency; });
  write("forced_share", [](const auto& r) { return r.test.forced_share; });
  write("saving", [](const auto& r) { return r.test.saving(); });
  write("saving_against_base", [](const auto& r) { return r.test.saving_against_base(); });
  write("matched_gain", [](const auto& r) { return r.test.matched_gain(); });
  write("ece_score", [](const auto& r) { return ece_of(r.test.at_exit); });
  write("ece_at_exit", [](const auto& r) { return ece_of(r.test.calibrated_at_exit); });
  write("calibration_accuracy", [](const auto& r) { return r.held_out->accuracy; });
  write("calibration_latency", [](const auto& r) { return r.held_out->latency; });
  for (std::size_t k = 0; k < rules.size(); ++k) {
    if (rules[k].curve)
      write_curve(group.create_group(fmt::format("curve/{}", k)), *rules[k].curve);
  }
}

/// What the fit of the rule found.
void write_rule(hdf5::Group group, const agent::ExitRule& rule) {
  group.set_attribute("rule", rule.name());
  for (const auto& [name, values] : rule.findings()) group.write(name, values);
}

void write_inference(hdf5::Group group, const ClassificationSetup& setup, const LabelledData& test,
                     const ClassificationResults& results) {
  auto fixed = group.create_group("fixed");
  fixed.write("latency", results.fixed.time);
  fixed.write("accuracy", results.fixed.accuracy);
  write_rule(group.create_group("rule"), *results.rule);
  if (!results.test_curve.points.empty()) {
    write_curve(group.create_group("agent"), results.test_curve);
    write_curve(group.create_group("agent_calibration"), results.calibration_curve);
  }
  if (!results.comparison.empty()) {
    write_comparison(group.create_group("compare"), results.comparison);
  }
  write_decisions(group.create_group("decision"), test, results.answers);
  group.set_attribute("chosen_latency", results.latency_agent);
  group.set_attribute("chosen_accuracy", results.accuracy_agent);
  if (results.accuracy_ann) group.set_attribute("ann_accuracy", *results.accuracy_ann);
  group.set_attribute("full_latency", results.offline.horizon);
  group.set_attribute("full_accuracy", results.offline.final_accuracy);
  group.set_attribute("oracle_latency", results.oracle.latency_charged_horizon);
  group.set_attribute("oracle_accuracy", results.oracle.accuracy);
  group.set_attribute("oracle_latency_charged_first", results.oracle.latency_charged_first);
  group.set_attribute("oracle_latency_right", or_nan(results.oracle.latency_right));
  group.set_attribute("optimal_cutoff", results.oracle.optimal_cutoff);
  group.set_attribute("average_earliest_time", results.oracle.average_earliest_time);
  group.set_attribute("steps", static_cast<std::int64_t>(results.network.description.steps));
  group.set_attribute("step_ms", setup.network.step);
}

void write_example(hdf5::Group group, const LabelledData& test, const TrainedNetwork& network,
                   const ExampleRun& example) {
  group.write("image", values_of(test, example.sample), sizes_of(test.shape()));
  auto spikes = group.create_group("spikes");
  std::vector<std::int32_t> layers;
  std::vector<std::uint32_t> neurons;
  std::vector<double> times;
  for (std::size_t layer = 0; layer < example.activity.spikes.size(); ++layer) {
    const auto& train = example.activity.spikes[layer];
    layers.insert(layers.end(), train.size(), static_cast<std::int32_t>(layer));
    neurons.insert(neurons.end(), train.neurons.begin(), train.neurons.end());
    times.insert(times.end(), train.times.begin(), train.times.end());
  }
  const auto names = column(network.layers, [](const auto& layer) { return layer.name; });
  spikes.write("names", std::span<const std::string>(names));
  spikes.write("layer", layers);
  spikes.write("neuron", neurons);
  spikes.write("time", times);
  std::vector<double> scores;
  for (const auto& row : example.activity.scores) {
    scores.insert(scores.end(), row.begin(), row.end());
  }
  group.write("scores", scores, {example.activity.scores.size(), test.classes()});
  group.set_attribute("label", static_cast<std::int64_t>(test.label(example.sample)));
  group.set_attribute("prediction", static_cast<std::int64_t>(example.answer.prediction));
  group.set_attribute("decision_step", example.answer.latency);
}

/// One group for each layer, in it its tensors.
void write_weights(hdf5::Group group, const TrainedNetwork& network) {
  for (const auto& layer : network.description.layers) {
    auto numbers = group.create_group(layer.name);
    numbers.set_attribute("kind", layer.kind);
    numbers.set_attribute("model", layer.model);
    const auto prefix = layer.name + ".";
    for (const auto& tensor : network.tensors) {
      if (!tensor.name.starts_with(prefix)) continue;
      const auto values = std::span(network.numbers).subspan(tensor.offset, tensor.size());
      numbers.write(tensor.name.substr(prefix.size()),
                    std::vector<double>(values.begin(), values.end()), tensor.shape);
    }
  }
}

/// A number that the fit of the rule found; not a number where it has none of that name, or several.
double single(const agent::ExitRule& rule, std::string_view name) {
  for (const auto& finding : rule.findings()) {
    if (finding.name == name && finding.values.size() == 1) return finding.values.front();
  }
  return nan;
}

double per_sample(double seconds, const ClassificationResults& results) {
  return seconds / static_cast<double>(results.answers.size());
}

}  // namespace

void write_classification(hdf5::Group& file, const ClassificationSetup& setup,
                          const ClassificationData& data, const ClassificationResults& results) {
  write_learning(file.create_group("learning"), results.learning);
  write_inference(file.create_group("inference"), setup, data.test, results);
  write_reliability(file.create_group("calibration/before"), results.reliability_before);
  write_reliability(file.create_group("calibration/after"), results.reliability_after);
  if (results.offline.calibrated_at_exit) {
    write_reliability(file.create_group("calibration/at_exit"),
                      *results.offline.calibrated_at_exit);
  }
  write_errors(file.create_group("calibration/errors"), results.calibration);
  write_risk_coverage(file.create_group("calibration/risk_coverage"), results.risk_coverage);
  if (!results.over_time.empty()) {
    write_over_time(file.create_group("calibration/over_time"), results.over_time);
  }
  write_example(file.create_group("example"), data.test, results.network, results.example);
  write_weights(file.create_group("weights"), results.network);
}

std::vector<std::pair<std::string, double>> classification_metrics(const ClassificationResults& r) {
  std::vector<std::pair<std::string, double>> metrics{
      {"accuracy_full", r.offline.final_accuracy},
      {"accuracy_agent", r.accuracy_agent},
      {"accuracy_oracle", r.oracle.accuracy},
      {"latency_full", r.offline.horizon},
      {"latency_agent", r.latency_agent},
      {"latency_oracle", r.oracle.latency_charged_horizon},
      {"latency_oracle_safe", r.oracle.optimal_cutoff},
      {"latency_base", r.offline.base_time},
      {"accuracy_matched", r.offline.matched_accuracy},
      {"speedup", r.offline.horizon / r.latency_agent},
      {"temperature", single(*r.rule, "temperature")},
      {"temperature_final", r.final_temperature},
      {"threshold", single(*r.rule, "threshold")},
      {"calibration_accuracy_full", r.rule->held_out()->final_accuracy},
      {"calibration_accuracy_agent", r.rule->held_out()->accuracy},
      {"calibration_latency_agent", r.rule->held_out()->latency},
      {"ece_before", r.reliability_before.ece},
      {"ece_after", r.reliability_after.ece},
      {"ece_at_exit", ece_of(r.offline.calibrated_at_exit)},
      {"auroc", or_nan(r.risk_coverage.auroc)},
      {"train_seconds", r.train_seconds},
      {"inference_per_second", 1.0 / per_sample(r.agent_seconds, r)},
      {"inference_per_second_full", 1.0 / per_sample(r.full_seconds, r)},
      {"synaptic_events_per_inference", r.events_agent},
      {"synaptic_events_per_inference_full", r.events_full},
  };
  if (r.accuracy_ann) {
    metrics.emplace_back("accuracy_ann", *r.accuracy_ann);
    metrics.emplace_back("conversion_loss", *r.accuracy_ann - r.offline.final_accuracy);
  }
  return metrics;
}

std::string classification_table(const ClassificationResults& r) {
  std::size_t width = 18;
  for (const auto& other : r.comparison) width = std::max(width, other.name.size() + 2);
  const auto row = [width](std::string_view name, double accuracy, double latency,
                           const std::string& events, const std::string& time) {
    return fmt::format("{:<{}}{:>9.2f} %{:>11.2f}{:>14}{:>12}\n", name, width, 100.0 * accuracy,
                       latency, events, time);
  };
  const auto microseconds = [&](double seconds) {
    return fmt::format("{:.0f} us", 1e6 * per_sample(seconds, r));
  };
  std::string table = fmt::format("{:<{}}{:>11}{:>11}{:>14}{:>12}\n", "", width, "accuracy",
                                  "steps", "syn. events", "time");
  if (r.accuracy_ann) table += row("before conversion", *r.accuracy_ann, 0.0, "-", "-");
  table += row("without agent", r.offline.final_accuracy, r.offline.horizon,
               fmt::format("{:.0f}", r.events_full), microseconds(r.full_seconds));
  table += row("with agent", r.accuracy_agent, r.latency_agent,
               fmt::format("{:.0f}", r.events_agent), microseconds(r.agent_seconds));
  table += row("oracle bound", r.oracle.accuracy, r.oracle.latency_charged_horizon, "-", "-");
  // The first is the agent's own rule, which stands above.
  for (std::size_t k = 1; k < r.comparison.size(); ++k) {
    const auto& other = r.comparison[k].test;
    table += row(r.comparison[k].name, other.accuracy, other.mean_latency,
                 fmt::format("{:.0f}", or_nan(other.mean_events)), "-");
  }
  return table;
}

std::string weight_digest(const TrainedNetwork& network) {
  SpikeDigest digest;
  std::size_t position = 0;
  for (const double x : network.numbers) {
    digest.add(position++, std::bit_cast<std::uint64_t>(x), 0);
  }
  return fmt::format("{:016x}", digest.value());
}

}  // namespace ranvier
