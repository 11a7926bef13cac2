#pragma once

/// Traces and rules that the tests of the agent share.

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "networks/agent/exit_rule.hpp"

namespace ranvier::test {

/// Dynamic confidence with both of its numbers given.
inline agent::ExitRule dynamic_confidence(double temperature, double threshold,
                                          std::int64_t max_steps = 0) {
  return agent::exit_rule("dynamic_confidence", {{"temperature_fit", std::string("fixed")},
                                                 {"temperature", temperature},
                                                 {"selection", std::string("fixed")},
                                                 {"threshold", threshold},
                                                 {"max_steps", max_steps}});
}

/// Asks the rule at the next step.
inline bool decide(agent::ExitRule& rule, std::span<const double> scores) {
  return rule.stop(static_cast<double>(rule.decisions() + 1), scores);
}

/// Accumulated evidence for the label under noise, of a strength that differs between samples.
inline agent::Trace random_trace(std::size_t steps, std::size_t samples, std::uint64_t seed,
                                 std::size_t classes = 6) {
  agent::Trace trace(steps, samples, classes);
  trace.events.resize(steps * samples);
  for (std::size_t i = 0; i < samples; ++i) {
    auto draws = RandomStream(seed, Purpose::stimulus).at(static_cast<std::uint32_t>(i), 0);
    trace.labels[i] = static_cast<std::uint8_t>(draws.below(static_cast<std::uint32_t>(classes)));
    const double drift = 1.5 * draws.uniform();
    std::vector<double> z(classes);
    std::uint64_t events = 0;
    for (std::size_t t = 0; t < steps; ++t) {
      for (auto& score : z) score += 0.8 * draws.normal();
      z[trace.labels[i]] += drift;
      events += draws.below(20);
      std::ranges::copy(z, trace.at(t, i).begin());
      trace.events[t * samples + i] = events;
    }
  }
  return trace;
}

/// The same points as an event trace.
inline agent::EventTrace as_events(const agent::Trace& trace) {
  agent::EventTrace events(static_cast<double>(trace.steps), trace.classes);
  for (std::size_t i = 0; i < trace.samples; ++i) {
    events.add_sample(trace.labels[i]);
    for (std::size_t t = 0; t < trace.steps; ++t) {
      events.add_point(static_cast<double>(t + 1), trace.at(t, i),
                       trace.events[t * trace.samples + i]);
    }
  }
  return events;
}

/// Samples as [sample][step][class], and their labels.
inline agent::Trace trace_of(const std::vector<std::vector<std::vector<double>>>& samples,
                             const std::vector<std::uint8_t>& labels) {
  agent::Trace trace(samples[0].size(), samples.size(), samples[0][0].size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    for (std::size_t t = 0; t < trace.steps; ++t) {
      std::ranges::copy(samples[i][t], trace.at(t, i).begin());
    }
  }
  trace.labels = labels;
  return trace;
}

/// Asks the rule about one sample of the view until it stops, and returns that step, from 0.
inline std::size_t asked_until_stop(agent::ExitRule& rule, const agent::TraceView& view,
                                    std::size_t sample) {
  rule.reset();
  std::size_t t = 0;
  while (!rule.stop(view.time(sample, t), view.scores(sample, t)) && t + 1 < view.points(sample)) {
    ++t;
  }
  return t;
}

/// The steps, from 1, at which the rule, asked online, stops every sample.
inline std::vector<std::size_t> online_stops(agent::ExitRule rule, const agent::Trace& trace) {
  const agent::TraceView view(trace);
  std::vector<std::size_t> stops;
  for (std::size_t i = 0; i < view.samples(); ++i) {
    stops.push_back(asked_until_stop(rule, view, i) + 1);
  }
  return stops;
}

inline agent::ExitRule fitted(const std::string& name, const ValueMap& values,
                              const agent::TraceView& held_out) {
  auto rule = agent::exit_rule(name, values);
  rule.fit(held_out);
  return rule;
}

}  // namespace ranvier::test
