/// Construction alone: ten million synapses by several rules, with constant and with normally
/// distributed weights and delays. `build_seconds` and `synapses_per_second_per_core` are the
/// figures; the run after it is short. The scale counts for neurons and in-degrees.

#include <functional>

#include <fmt/format.h>

#include "benchmarks/configured_case.hpp"

namespace ranvier {
namespace {

constexpr double neurons = 10000.0, indegree = 1000.0;

struct Rule {
  const char* name;
  /// The rule's parameter at a scale.
  std::function<std::string(double scale)> parameter;
};

std::vector<Rule> rules() {
  return {{"fixed_indegree", [](double scale) { return scaled("indegree", indegree, scale); }},
          {"fixed_outdegree", [](double scale) { return scaled("outdegree", indegree, scale); }},
          {"fixed_total_number",
           [](double scale) { return scaled("number", neurons * indegree, scale * scale); }},
          {"pairwise_bernoulli", [](double) { return fmt::format("p={}", indegree / neurons); }}};
}

std::vector<std::string> constant_values() { return {}; }

std::vector<std::string> normal_values() {
  return {"projections.0.weight={normal_clipped: {mean: 10.0, std: 1.0, low: 0.0}}",
          "projections.0.delay={normal_redrawn: {mean: 1.5, std: 0.75, low: 0.1}}"};
}

Case case_of(const Rule& rule, const char* values, std::vector<std::string> (*overrides)()) {
  const auto set_rule = [rule](double scale) {
    auto parameter = rule.parameter(scale);
    parameter.replace(parameter.find('='), 1, ": ");
    return fmt::format("projections.0.rule={{{}: {{{}}}}}", rule.name, parameter);
  };
  return configured_case({.name = fmt::format("construction/{}/{}", rule.name, values),
                          .summary = fmt::format("10 million synapses by {}, {} weights and delays",
                                                 rule.name, values),
                          .configuration = "construction",
                          .duration = 5.0,
                          .overrides = [set_rule, overrides](double scale) {
                            auto all = overrides();
                            all.push_back(scaled("populations.neurons.size", neurons, scale));
                            all.push_back(set_rule(scale));
                            return all;
                          }});
}

}  // namespace

std::vector<Case> construction_cases() {
  std::vector<Case> cases;
  for (const auto& rule : rules()) {
    cases.push_back(case_of(rule, "constant", constant_values));
    cases.push_back(case_of(rule, "normal", normal_values));
  }
  return cases;
}

}  // namespace ranvier
