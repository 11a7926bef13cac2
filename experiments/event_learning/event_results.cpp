#include "experiments/event_learning/event_results.hpp"

#include <bit>
#include <limits>
#include <span>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/recording.hpp"

namespace ranvier {
namespace {

template <class Value>
auto column(const std::vector<EpochRecord>& history, Value value) {
  std::vector<std::decay_t<decltype(value(history[0]))>> values;
  for (const auto& epoch : history) values.push_back(value(epoch));
  return values;
}

hdf5::Shape shape_of(const EventCircuit& circuit, const CircuitProjection& projection) {
  return {circuit.populations[projection.target].size, sources_of(circuit, projection)};
}

double mean_seconds(const std::vector<EpochRecord>& history) {
  double sum = 0.0;
  for (const auto& epoch : history) sum += epoch.seconds;
  return history.empty() ? std::numeric_limits<double>::quiet_NaN()
                         : sum / static_cast<double>(history.size());
}

}  // namespace

void write_event_learning(hdf5::Group& file, const EventCircuit& circuit,
                          const TrainingState& state) {
  auto learning = file.create_group("learning");
  const auto& history = state.history;
  learning.write("epoch", column(history, [](const auto& e) { return e.epoch; }));
  learning.write("loss", column(history, [](const auto& e) { return e.loss; }));
  learning.write("learning_rate", column(history, [](const auto& e) { return e.learning_rate; }));
  learning.write("train_accuracy", column(history, [](const auto& e) { return e.accuracy; }));
  learning.write("validation_accuracy", column(history, [](const auto& e) {
                   return e.validation ? e.validation->accuracy
                                       : std::numeric_limits<double>::quiet_NaN();
                 }));
  auto weights = file.create_group("weights");
  const auto offsets = weight_offsets(circuit);
  for (std::size_t q = 0; q < circuit.projections.size(); ++q) {
    const auto& projection = circuit.projections[q];
    const auto name = name_of(circuit, projection);
    weights.write(name, std::span(state.weights).subspan(offsets[q], offsets[q + 1] - offsets[q]),
                  shape_of(circuit, projection));
    weights.set_attribute("delay", projection.delay, name);
  }
}

std::vector<float> read_event_weights(const std::filesystem::path& file,
                                      const EventCircuit& circuit) {
  const hdf5::InputFile input(file);
  const auto group = input.group("weights");
  std::vector<float> weights;
  for (const auto& projection : circuit.projections) {
    const auto name = name_of(circuit, projection);
    const auto expected = shape_of(circuit, projection);
    const auto found = group.shape(name);
    if (found != expected) {
      throw CorruptFile(fmt::format(
          "{}: the weights of '{}' are an array of {} dimensions and {} values; expected {} "
          "targets of {} sources each",
          file.string(), name, found.size(), group.read<float>(name).size(), expected[0],
          expected[1]));
    }
    const auto own = group.read<float>(name);
    weights.insert(weights.end(), own.begin(), own.end());
  }
  return weights;
}

std::vector<std::pair<std::string, double>> event_learning_metrics(const EventCircuit& circuit,
                                                                   const TrainingState& state,
                                                                   const EventEvaluation& test) {
  double train_seconds = 0.0;
  for (const auto& epoch : state.history) train_seconds += epoch.seconds;
  double spikes = 0.0;
  for (const double of_population : test.spikes) spikes += of_population;
  std::vector<std::pair<std::string, double>> metrics{
      {"accuracy", test.accuracy},
      {"loss", test.loss},
      {"silent_share", test.silent},
      {"latency_ms", test.latency},
      {"spikes_per_sample", spikes},
      {"synaptic_events_per_inference", test.events_at_answer},
      {"synaptic_events_per_inference_full", test.synaptic_events},
      {"validation_accuracy", state.history.empty() || !state.history.back().validation
                                  ? std::numeric_limits<double>::quiet_NaN()
                                  : state.history.back().validation->accuracy},
      {"epochs", static_cast<double>(state.epoch)},
      {"train_seconds", train_seconds},
      {"seconds_per_epoch", mean_seconds(state.history)}};
  for (std::size_t p = 0; p < test.spikes.size(); ++p) {
    metrics.emplace_back("spikes_per_sample_" + circuit.populations[p].name, test.spikes[p]);
  }
  return metrics;
}

std::string event_learning_table(const EventCircuit& circuit, const EventEvaluation& test) {
  auto table = fmt::format("{:<34}{:>9.2f} %\n", "test accuracy", 100.0 * test.accuracy);
  table += fmt::format("{:<34}{:>9.2f} ms\n", "first output spike after", test.latency);
  table += fmt::format("{:<34}{:>9.1f}\n", "synaptic events until then", test.events_at_answer);
  table += fmt::format("{:<34}{:>9.1f}\n", "synaptic events in the window", test.synaptic_events);
  for (std::size_t p = 0; p < test.spikes.size(); ++p) {
    table +=
        fmt::format("{:<34}{:>9.1f}\n", "spikes of " + circuit.populations[p].name, test.spikes[p]);
  }
  return table;
}

std::string weight_digest(std::span<const float> weights) {
  SpikeDigest digest;
  std::size_t position = 0;
  for (const float weight : weights) {
    digest.add(position++, std::bit_cast<std::uint64_t>(static_cast<double>(weight)), 0);
  }
  return fmt::format("{:016x}", digest.value());
}

}  // namespace ranvier
