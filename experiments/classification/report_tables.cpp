#include "experiments/classification/report_tables.hpp"

#include <bit>
#include <cmath>
#include <limits>

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

void write_learning(hdf5::Group group, const std::vector<EpochRecord>& history) {
  group.write("epoch", column(history, [](const auto& e) { return e.epoch; }));
  group.write("loss", column(history, [](const auto& e) { return e.loss; }));
  group.write("learning_rate", column(history, [](const auto& e) { return e.learning_rate; }));
  group.write("train_accuracy", column(history, [](const auto& e) { return e.accuracy; }));
  group.write("validation_accuracy", column(history, [](const auto& e) {
                return e.validation ? e.validation->accuracy
                                    : std::numeric_limits<double>::quiet_NaN();
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

void write_decisions(hdf5::Group group, const LabelledData& test,
                     const std::vector<Answer>& answers) {
  std::vector<std::int32_t> correct;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    correct.push_back(answers[i].prediction == test.labels[i] ? 1 : 0);
  }
  group.write("latency", column(answers, [](const auto& a) { return a.latency; }));
  group.write("correct", correct);
  group.write("confidence", column(answers, [](const auto& a) { return a.confidence; }));
  group.write("events", column(answers, [](const auto& a) { return a.synaptic_events; }));
}

void write_inference(hdf5::Group group, const ClassificationSetup& setup, const LabelledData& test,
                     const ClassificationResults& results) {
  auto fixed = group.create_group("fixed");
  fixed.write("latency", results.fixed.time);
  fixed.write("accuracy", results.fixed.accuracy);
  write_curve(group.create_group("agent"), results.test_curve);
  write_curve(group.create_group("agent_calibration"), results.calibration_curve);
  write_decisions(group.create_group("decision"), test, results.answers);
  group.set_attribute("chosen_threshold", results.fit.threshold());
  group.set_attribute("temperature", results.fit.temperature);
  group.set_attribute("chosen_latency", results.latency_agent);
  group.set_attribute("chosen_accuracy", results.accuracy_agent);
  group.set_attribute("full_latency", results.offline.horizon);
  group.set_attribute("full_accuracy", results.offline.final_accuracy);
  group.set_attribute("oracle_latency", results.oracle.latency_charged_horizon);
  group.set_attribute("oracle_accuracy", results.oracle.accuracy);
  group.set_attribute("steps", static_cast<std::int64_t>(setup.network.steps));
  group.set_attribute("step_ms", setup.network.step);
}

void write_example(hdf5::Group group, const LabelledData& test, const ExampleRun& example) {
  group.write("image", test.sample(example.sample), test.shape);
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
  spikes.write("layer", layers);
  spikes.write("neuron", neurons);
  spikes.write("time", times);
  std::vector<double> scores;
  for (const auto& row : example.activity.scores) {
    scores.insert(scores.end(), row.begin(), row.end());
  }
  group.write("scores", scores, {example.activity.scores.size(), test.classes});
  group.set_attribute("label", static_cast<std::int64_t>(test.labels[example.sample]));
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
  write_example(file.create_group("example"), data.test, results.example);
  write_weights(file.create_group("weights"), results.network);
}

std::vector<std::pair<std::string, double>> classification_metrics(const ClassificationResults& r) {
  return {
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
      {"temperature", r.fit.temperature},
      {"temperature_final", r.final_temperature},
      {"threshold", r.fit.threshold()},
      {"calibration_accuracy_full", r.fit.choice.final_accuracy},
      {"calibration_accuracy_agent", r.fit.choice.calibration.accuracy},
      {"calibration_latency_agent", r.fit.choice.calibration.latency},
      {"ece_before", r.reliability_before.ece},
      {"ece_after", r.reliability_after.ece},
      {"train_seconds", r.train_seconds},
      {"inference_per_second", 1.0 / per_sample(r.agent_seconds, r)},
      {"inference_per_second_full", 1.0 / per_sample(r.full_seconds, r)},
      {"synaptic_events_per_inference", r.events_agent},
      {"synaptic_events_per_inference_full", r.events_full},
  };
}

std::string classification_table(const ClassificationResults& r) {
  const auto row = [](std::string_view name, double accuracy, double latency,
                      const std::string& events, const std::string& time) {
    return fmt::format("{:<18}{:>9.2f} %{:>11.2f}{:>14}{:>12}\n", name, 100.0 * accuracy, latency,
                       events, time);
  };
  const auto microseconds = [&](double seconds) {
    return fmt::format("{:.0f} us", 1e6 * per_sample(seconds, r));
  };
  std::string table = fmt::format("{:<18}{:>11}{:>11}{:>14}{:>12}\n", "", "accuracy", "steps",
                                  "syn. events", "time");
  table += row("without agent", r.offline.final_accuracy, r.offline.horizon,
               fmt::format("{:.0f}", r.events_full), microseconds(r.full_seconds));
  table += row("with agent", r.accuracy_agent, r.latency_agent,
               fmt::format("{:.0f}", r.events_agent), microseconds(r.agent_seconds));
  table += row("oracle bound", r.oracle.accuracy, r.oracle.latency_charged_horizon, "-", "-");
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
