#include "networks/inference.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"
#include "networks/presenter.hpp"

namespace ranvier {
namespace {

/// What a thread has of its own where there is no agent.
struct Nothing {};

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

}  // namespace

Inference::Inference(TrainedNetwork network, InferenceOptions options)
    : network_(std::move(network)), order_(network_), options_(std::move(options)) {
  check_threads(static_cast<int>(options_.threads));
  keep(taken());
}

Inference::~Inference() = default;

std::unique_ptr<Presenter> Inference::taken() {
  {
    const std::scoped_lock lock(idle_guard_);
    if (!idle_.empty()) {
      auto presenter = std::move(idle_.back());
      idle_.pop_back();
      return presenter;
    }
  }
  return std::make_unique<Presenter>(network_, options_);
}

void Inference::keep(std::unique_ptr<Presenter> presenter) {
  const std::scoped_lock lock(idle_guard_);
  idle_.push_back(std::move(presenter));
}

/// Calls `act(presenter, own, i)` for every sample, in parallel, each thread with its own presenter
/// and its own copy of `prototype`.
template <class Own, class Act>
void Inference::for_each_sample(const Examples& examples, const InferenceProgress& progress,
                                const Own& prototype, const Act& act) {
  require_fit(examples, network_.description, "the data set");
  const auto threads = std::min<std::size_t>(options_.threads, examples.size());
  if (threads == 0) return;
  std::mutex calling;  // not a critical section: what is thrown inside of one ends the process
  std::exception_ptr failure;
  std::atomic<bool> stop{false};
  std::atomic<std::size_t> next{0};
#pragma omp parallel num_threads(static_cast <int>(threads))
  try {
    auto presenter = taken();
    Own own(prototype);
    constexpr std::size_t samples_per_look = 16;
    for (std::size_t i = next++; i < examples.size() && !stop; i = next++) {
      presenter->show(examples, i);
      act(*presenter, own, i);
      if (!progress || i % samples_per_look != 0) continue;
      const std::scoped_lock lock(calling);
      if (progress(i)) throw Interrupted("the inference was stopped");
    }
    keep(std::move(presenter));
  } catch (...) {
    stop = true;
    const std::scoped_lock lock(calling);
    if (!failure) failure = std::current_exception();
  }
  if (failure) std::rethrow_exception(failure);
}

/// A readout that needs the history of the output cannot be asked at an irregular time.
void Inference::require_present_readout() const {
  if (options_.runtime != "event") {
    throw Unsupported(fmt::format(
        "decisions at output events need the event runtime; expected runtime 'event', not '{}'",
        options_.runtime));
  }
  const auto& loss = network_.description.loss.name;
  if (loss == "mean_membrane" || loss == "max_membrane") {
    throw Unsupported(fmt::format(
        "decisions at output events need a readout of the present output; {} looks back over the "
        "steps, expected last_membrane, every_step or spike_count",
        loss));
  }
}

agent::Trace Inference::record_trace(const Examples& examples, const InferenceProgress& progress) {
  const auto steps = network_.description.steps;
  agent::Trace trace(steps, examples.size(), network_.layers.back().size());
  for (std::size_t i = 0; i < examples.size(); ++i) trace.labels[i] = examples.label(i);
  trace.events.resize(steps * examples.size());
  for_each_sample(
      examples, progress, Nothing{}, [&](Presenter& presenter, Nothing&, std::size_t i) {
        for (std::size_t t = 0; t < steps; ++t) {
          presenter.advance();
          std::ranges::copy(presenter.scores(), trace.at(t, i).begin());
          trace.events[t * examples.size() + i] = presenter.simulation().counters().synaptic_events;
        }
      });
  return trace;
}

agent::EventTrace Inference::record_event_trace(const Examples& examples,
                                                const InferenceProgress& progress) {
  require_present_readout();
  const auto horizon = static_cast<double>(network_.description.steps);
  struct Point {
    double time;
    std::vector<double> scores;
    std::uint64_t events;
  };
  std::vector<std::vector<Point>> points(examples.size());
  for_each_sample(examples, progress, Nothing{},
                  [&](Presenter& presenter, Nothing&, std::size_t i) {
                    const auto note = [&](double time, std::span<const double> scores) {
                      points[i].push_back({time,
                                           {scores.begin(), scores.end()},
                                           presenter.simulation().counters().synaptic_events});
                      return false;
                    };
                    presenter.run_on_events(note);
                    note(horizon, presenter.present_scores());
                  });
  agent::EventTrace trace(horizon, network_.layers.back().size());
  for (std::size_t i = 0; i < examples.size(); ++i) {
    trace.add_sample(examples.label(i));
    for (const auto& point : points[i]) trace.add_point(point.time, point.scores, point.events);
  }
  return trace;
}

std::vector<Answer> Inference::answer(const Examples& examples, const agent::ExitRule& rule,
                                      DecideAt at, const InferenceProgress& progress) {
  if (at == DecideAt::events) require_present_readout();
  const auto steps = network_.description.steps;
  std::vector<Answer> answers(examples.size());
  for_each_sample(examples, progress, rule,
                  [&](Presenter& presenter, agent::ExitRule& own, std::size_t i) {
                    own.reset();
                    answers[i] = at == DecideAt::steps ? answer_on_steps(presenter, steps, own)
                                                       : answer_on_events(presenter, steps, own);
                  });
  return answers;
}

SampleActivity Inference::observe(const Examples& examples, std::size_t i) {
  require_fit(examples, network_.description, "the data set");
  return observed([&](Presenter& presenter) { presenter.show(examples, i); });
}

SampleActivity Inference::observe(std::span<const float> sample, std::uint32_t index) {
  return observed([&](Presenter& presenter) { presenter.show(sample, index); });
}

/// The spikes of a layer with its neurons numbered as in training.
SpikeTrain Inference::as_trained(SpikeTrain train, std::size_t layer) const {
  for (auto& neuron : train.neurons) neuron = order_.trained(layer, neuron);
  for (std::size_t first = 0; first < train.size();) {
    const auto end =
        std::find_if(train.times.begin() + static_cast<std::ptrdiff_t>(first), train.times.end(),
                     [&](double time) { return time != train.times[first]; });
    const auto last = static_cast<std::size_t>(end - train.times.begin());
    std::ranges::sort(std::span(train.neurons).subspan(first, last - first));
    first = last;
  }
  return train;
}

/// Runs the sample that `show(presenter)` shows to the end of the window.
template <class Show>
SampleActivity Inference::observed(const Show& show) {
  auto presenter = taken();
  show(*presenter);
  SampleActivity activity;
  while (presenter->step() < network_.description.steps) {
    presenter->advance();
    const auto scores = presenter->scores();
    activity.scores.emplace_back(scores.begin(), scores.end());
  }
  for (std::size_t k = 0; k < network_.layers.size(); ++k) {
    activity.spikes.push_back(
        as_trained(presenter->simulation().spikes(network_.layers[k].name), k));
  }
  keep(std::move(presenter));
  return activity;
}

}  // namespace ranvier
