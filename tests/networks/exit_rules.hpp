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

}  // namespace ranvier::test
