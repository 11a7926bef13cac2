#include "networks/inference.hpp"

#include <algorithm>
#include <atomic>
#include <exception>

#include <fmt/format.h>

#include "core/error.hpp"
#include "networks/presenter.hpp"

namespace ranvier {
namespace {

/// Calls `act(presenter, own, i)` for every sample, in parallel, each thread with its own presenter
/// and its own copy of `prototype`.
template <class Own, class Act>
void for_each_sample(const TrainedNetwork& network, const Examples& examples,
                     const InferenceOptions& options, const InferenceProgress& progress,
                     const Own& prototype, const Act& act) {
  require_fit(examples, network.description, "the data set");
  if (examples.size() == 0) return;
  std::exception_ptr failure;
  std::atomic<bool> stop{false};
  std::atomic<std::size_t> next{0};
#pragma omp parallel num_threads(static_cast <int>(std::max(1u, options.threads)))
  try {
    Presenter presenter(network, options);
    Own own(prototype);
    constexpr std::size_t samples_per_look = 16;
    for (std::size_t i = next++; i < examples.size() && !stop; i = next++) {
      presenter.show(examples, i);
      act(presenter, own, i);
      if (!progress || i % samples_per_look != 0) continue;
#pragma omp critical(ranvier_inference)
      if (progress(i)) throw Interrupted("the inference was stopped");
    }
  } catch (...) {
    stop = true;
#pragma omp critical(ranvier_inference_failure)
    if (!failure) failure = std::current_exception();
  }
  if (failure) std::rethrow_exception(failure);
}

/// The same with nothing of its own but the presenter.
template <class Act>
void for_each_presented(const TrainedNetwork& network, const Examples& examples,
                        const InferenceOptions& options, const InferenceProgress& progress,
                        const Act& act) {
  struct Nothing {};
  for_each_sample(network, examples, options, progress, Nothing{},
                  [&](Presenter& presenter, Nothing&, std::size_t i) { act(presenter, i); });
}

/// A readout that needs the history of the output cannot be asked at an irregular time.
void require_present_readout(const TrainedNetwork& network, const InferenceOptions& options) {
  if (options.runtime != "event") {
    throw Unsupported(fmt::format(
        "decisions at output events need the event runtime; expected runtime 'event', not '{}'",
        options.runtime));
  }
  const auto& loss = network.description.loss.name;
  if (loss == "mean_membrane" || loss == "max_membrane") {
    throw Unsupported(fmt::format(
        "decisions at output events need a readout of the present output; {} looks back over the "
        "steps, expected last_membrane, every_step or spike_count",
        loss));
  }
}

Answer answer_at(const Presenter& presenter, const agent::ExitRule& rule, double latency) {
  const auto counters = presenter.simulation().counters();
  return {.prediction = rule.prediction(),
          .latency = latency,
          .score = rule.score(),
          .probability = rule.probability(),
          .synaptic_events = counters.synaptic_events,
          .spikes = counters.spikes};
}

Answer answer_on_steps(Presenter& presenter, std::size_t steps, agent::ExitRule& rule) {
  while (presenter.step() < steps) {
    presenter.advance();
    if (rule.stop(static_cast<double>(presenter.step()), presenter.scores())) break;
  }
  return answer_at(presenter, rule, static_cast<double>(presenter.step()));
}

Answer answer_on_events(Presenter& presenter, std::size_t steps, agent::ExitRule& rule) {
  double latency = static_cast<double>(steps);
  bool decided = false;
  presenter.run_on_events([&](double time, std::span<const double> scores) {
    decided = rule.stop(time, scores);
    if (decided) latency = time;
    return decided;
  });
  if (!decided) rule.stop(latency, presenter.present_scores());
  return answer_at(presenter, rule, latency);
}

/// Runs the sample that `presenter` shows to the end of the window.
SampleActivity activity_of(const TrainedNetwork& network, Presenter& presenter) {
  SampleActivity activity;
  while (presenter.step() < network.description.steps) {
    presenter.advance();
    const auto scores = presenter.scores();
    activity.scores.emplace_back(scores.begin(), scores.end());
  }
  for (const auto& layer : network.layers) {
    activity.spikes.push_back(presenter.simulation().spikes(layer.name));
  }
  return activity;
}

}  // namespace

agent::Trace record_trace(const TrainedNetwork& network, const Examples& examples,
                          const InferenceOptions& options, const InferenceProgress& progress) {
  const auto steps = network.description.steps;
  agent::Trace trace(steps, examples.size(), network.layers.back().size());
  for (std::size_t i = 0; i < examples.size(); ++i) trace.labels[i] = examples.label(i);
  trace.events.resize(steps * examples.size());
  for_each_presented(
      network, examples, options, progress, [&](Presenter& presenter, std::size_t i) {
        for (std::size_t t = 0; t < steps; ++t) {
          presenter.advance();
          std::ranges::copy(presenter.scores(), trace.at(t, i).begin());
          trace.events[t * examples.size() + i] = presenter.simulation().counters().synaptic_events;
        }
      });
  return trace;
}

agent::EventTrace record_event_trace(const TrainedNetwork& network, const Examples& examples,
                                     const InferenceOptions& options,
                                     const InferenceProgress& progress) {
  require_present_readout(network, options);
  const auto horizon = static_cast<double>(network.description.steps);
  struct Point {
    double time;
    std::vector<double> scores;
    std::uint64_t events;
  };
  std::vector<std::vector<Point>> points(examples.size());
  for_each_presented(network, examples, options, progress,
                     [&](Presenter& presenter, std::size_t i) {
                       const auto note = [&](double time, std::span<const double> scores) {
                         points[i].push_back({time,
                                              {scores.begin(), scores.end()},
                                              presenter.simulation().counters().synaptic_events});
                         return false;
                       };
                       presenter.run_on_events(note);
                       note(horizon, presenter.present_scores());
                     });
  agent::EventTrace trace(horizon, network.layers.back().size());
  for (std::size_t i = 0; i < examples.size(); ++i) {
    trace.add_sample(examples.label(i));
    for (const auto& point : points[i]) trace.add_point(point.time, point.scores, point.events);
  }
  return trace;
}

std::vector<Answer> answer(const TrainedNetwork& network, const Examples& examples,
                           const agent::ExitRule& rule, const InferenceOptions& options,
                           const InferenceProgress& progress) {
  if (options.decide == DecideAt::events) require_present_readout(network, options);
  const auto steps = network.description.steps;
  std::vector<Answer> answers(examples.size());
  for_each_sample(network, examples, options, progress, rule,
                  [&](Presenter& presenter, agent::ExitRule& own, std::size_t i) {
                    own.reset();
                    answers[i] = options.decide == DecideAt::steps
                                     ? answer_on_steps(presenter, steps, own)
                                     : answer_on_events(presenter, steps, own);
                  });
  return answers;
}

SampleActivity observe(const TrainedNetwork& network, const Examples& examples, std::size_t i,
                       const InferenceOptions& options) {
  require_fit(examples, network.description, "the data set");
  Presenter presenter(network, options);
  presenter.show(examples, i);
  return activity_of(network, presenter);
}

SampleActivity observe(const TrainedNetwork& network, std::span<const float> sample,
                       std::uint32_t index, const InferenceOptions& options) {
  Presenter presenter(network, options);
  presenter.show(sample, index);
  return activity_of(network, presenter);
}

}  // namespace ranvier
