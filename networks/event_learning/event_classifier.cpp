#include "networks/event_learning/event_classifier.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/parallel.hpp"

namespace ranvier {
namespace {

constexpr std::size_t samples_per_piece = 64;

/// Sums over the samples of a piece.
struct Sums {
  double loss = 0.0;
  double latency = 0.0;
  std::size_t correct = 0, silent = 0;
  std::vector<std::size_t> spikes;
  std::uint64_t events = 0, events_at_answer = 0;
};

void add(const Sums& part, Sums& sum) {
  sum.loss += part.loss;
  sum.latency += part.latency;
  sum.correct += part.correct;
  sum.silent += part.silent;
  sum.spikes.resize(part.spikes.size());
  for (std::size_t p = 0; p < part.spikes.size(); ++p) sum.spikes[p] += part.spikes[p];
  sum.events += part.events;
  sum.events_at_answer += part.events_at_answer;
}

/// Shows one sample to the end of the window, noting what it took until the first output spike.
void measure(const EventClassifier& classifier, const Examples& examples, std::size_t i,
             CircuitRunner& runner, Sums& sums) {
  bool answered = false;
  std::uint64_t at_answer = 0;
  const auto spikes = runner.run(classifier.encoding.times(examples, i, 0), [&](double) {
    if (!answered && runner.output_spikes() > 0) {
      answered = true;
      at_answer = runner.counters().synaptic_events;
    }
    return false;
  });
  const auto first = first_output_spikes(classifier, spikes);
  std::vector<double> slopes(first.size());
  sums.loss += classifier.loss.evaluate(first, examples.label(i), classifier.silent(), slopes);
  const auto answer = first_to_spike(first);
  if (answer) {
    sums.correct += *answer == examples.label(i) ? 1 : 0;
    sums.latency += first[*answer];
  } else {
    ++sums.silent;
  }
  for (std::size_t p = 0; p < sums.spikes.size(); ++p) {
    sums.spikes[p] += spikes.populations[p].size();
  }
  sums.events += runner.counters().synaptic_events;
  sums.events_at_answer += answered ? at_answer : runner.counters().synaptic_events;
}

}  // namespace

std::vector<double> first_output_spikes(const EventClassifier& classifier,
                                        const CircuitSpikes& spikes) {
  std::vector<double> first(classifier.classes(), std::numeric_limits<double>::infinity());
  const auto& train = spikes.populations.back();
  for (std::size_t k = 0; k < train.size(); ++k) {
    auto& time = first[train.neurons[k]];
    time = std::min(time, train.times[k]);
  }
  return first;
}

void require_fit(const Examples& examples, const EventClassifier& classifier,
                 std::string_view what) {
  if (examples.size() == 0) return;
  const auto inputs = classifier.encoding.inputs(examples);
  if (inputs != classifier.circuit.inputs) {
    throw InvalidValue(fmt::format("{} needs {} inputs, bias among them; the circuit has {}", what,
                                   inputs, classifier.circuit.inputs));
  }
  for (std::size_t i = 0; i < examples.size(); ++i) {
    if (examples.label(i) < classifier.classes()) continue;
    throw InvalidValue(
        fmt::format("{}: label {} is {}; expected 0 to {}, one for each neuron of "
                    "the last population",
                    what, i, examples.label(i), classifier.classes() - 1));
  }
}

EventEvaluation evaluate(const EventClassifier& classifier, std::span<const float> weights,
                         const Examples& examples, int threads, const std::function<bool()>& stop) {
  require_fit(examples, classifier, "the data set");
  const std::vector<double> exact(weights.begin(), weights.end());
  const auto pieces = (examples.size() + samples_per_piece - 1) / samples_per_piece;
  std::vector<Sums> parts(pieces);
  in_parallel(pieces, threads, [&](std::size_t piece) {
    if (stop && stop()) throw Interrupted("the evaluation was stopped");
    CircuitRunner runner(classifier.circuit, exact);
    parts[piece].spikes.resize(classifier.circuit.populations.size());
    const auto end = std::min(examples.size(), (piece + 1) * samples_per_piece);
    for (std::size_t i = piece * samples_per_piece; i < end; ++i) {
      measure(classifier, examples, i, runner, parts[piece]);
    }
  });
  Sums sum;
  for (const auto& part : parts) add(part, sum);
  if (examples.size() == 0) return {};
  const auto n = static_cast<double>(examples.size());
  EventEvaluation result{
      .loss = sum.loss / n,
      .accuracy = static_cast<double>(sum.correct) / n,
      .silent = static_cast<double>(sum.silent) / n,
      .latency = sum.latency / std::max(1.0, n - static_cast<double>(sum.silent)),
      .spikes = {},
      .synaptic_events = static_cast<double>(sum.events) / n,
      .events_at_answer = static_cast<double>(sum.events_at_answer) / n};
  for (const auto count : sum.spikes) result.spikes.push_back(static_cast<double>(count) / n);
  return result;
}

}  // namespace ranvier
