/// Connection rules: counts, probabilities, exclusions, and independence of the partition.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/partition.hpp"
#include "networks/connection_rules.hpp"
#include "tests/catch.hpp"

using namespace ranvier;
using Catch::Matchers::Contains;

namespace {

using Edge = std::tuple<NeuronId, NeuronId, std::uint64_t>;  // target, source, key

ConnectionProblem problem(std::size_t sources, std::size_t targets, std::uint64_t seed = 1) {
  return {.sources = sources,
          .targets = targets,
          .same_population = false,
          .autapses = true,
          .multapses = true,
          .random = RandomStream(seed, Purpose::connectivity)};
}

ConnectionProblem recurrent(std::size_t neurons, bool autapses, bool multapses,
                            std::uint64_t seed = 1) {
  auto p = problem(neurons, neurons, seed);
  p.same_population = true;
  p.autapses = autapses;
  p.multapses = multapses;
  return p;
}

std::vector<Edge> generated(const ConnectionRule& rule, const ConnectionProblem& p,
                            NeuronRange targets) {
  std::vector<Edge> edges;
  rule.generate(p, targets, [&](std::span<const Synapse> synapses) {
    for (const auto& s : synapses) edges.emplace_back(s.target, s.source, s.key);
  });
  return edges;
}

std::vector<Edge> all(const ConnectionRule& rule, const ConnectionProblem& p) {
  return generated(rule, p, {0, static_cast<NeuronId>(p.targets)});
}

std::vector<int> in_degrees(const std::vector<Edge>& edges, std::size_t targets) {
  std::vector<int> degrees(targets, 0);
  for (const auto& edge : edges) ++degrees.at(std::get<0>(edge));
  return degrees;
}

std::vector<int> out_degrees(const std::vector<Edge>& edges, std::size_t sources) {
  std::vector<int> degrees(sources, 0);
  for (const auto& edge : edges) ++degrees.at(std::get<1>(edge));
  return degrees;
}

bool all_equal(const std::vector<int>& degrees, int expected) {
  return std::ranges::all_of(degrees, [&](int degree) { return degree == expected; });
}

std::size_t autapses(const std::vector<Edge>& edges) {
  return static_cast<std::size_t>(
      std::ranges::count_if(edges, [](const Edge& e) { return std::get<0>(e) == std::get<1>(e); }));
}

/// Pairs of neurons that are connected, each once.
std::set<std::pair<NeuronId, NeuronId>> pairs(const std::vector<Edge>& edges) {
  std::set<std::pair<NeuronId, NeuronId>> distinct;
  for (const auto& [target, source, key] : edges) distinct.emplace(source, target);
  return distinct;
}

std::vector<std::pair<std::string, ConnectionRulePtr>> random_rules() {
  return {{"pairwise_bernoulli", connection_rule("pairwise_bernoulli", {{"p", 0.3}})},
          {"fixed_indegree", connection_rule("fixed_indegree", {{"indegree", std::int64_t{9}}})},
          {"fixed_outdegree", connection_rule("fixed_outdegree", {{"outdegree", std::int64_t{9}}})},
          {"fixed_total_number",
           connection_rule("fixed_total_number", {{"number", std::int64_t{200}}})}};
}

std::vector<std::pair<std::string, ConnectionRulePtr>> rules() {
  auto list = random_rules();
  list.emplace_back("one_to_one", connection_rule("one_to_one"));
  list.emplace_back("all_to_all", connection_rule("all_to_all"));
  list.emplace_back("edge_list", listed_synapses({0, 22, 3, 3, 7}, {1, 0, 22, 22, 7}));
  return list;
}

/// Pearson's statistic of counts that are equally likely, in standard deviations above its mean:
/// with m cells it has mean m - 1 and variance 2(m - 1).
double excess_of_pearson(const std::vector<int>& counts) {
  double total = 0.0;
  for (const int count : counts) total += count;
  const double expected = total / static_cast<double>(counts.size());
  double statistic = 0.0;
  for (const int count : counts) statistic += std::pow(count - expected, 2) / expected;
  const double freedom = static_cast<double>(counts.size()) - 1.0;
  return (statistic - freedom) / std::sqrt(2.0 * freedom);
}

}  // namespace

TEST_CASE("every rule gives the same synapses for any partition of the targets") {
  constexpr std::size_t neurons = 23;
  for (const auto& [name, rule] : rules()) {
    for (const bool may_repeat : {true, false}) {
      CAPTURE(name, may_repeat);
      const auto p = recurrent(neurons, may_repeat, may_repeat, 12);
      auto whole = all(*rule, p);
      std::ranges::sort(whole);
      // Neuron i to neuron i is nothing but autapses.
      REQUIRE(whole.empty() == (name == "one_to_one" && !may_repeat));
      for (const unsigned workers : {1u, 2u, 3u, 7u}) {
        const Partition partition{workers};
        std::vector<Edge> joined;
        for (unsigned worker = 0; worker < workers; ++worker) {
          const auto range = partition.range(neurons, worker);
          for (const auto& edge : generated(*rule, p, range)) {
            REQUIRE((std::get<0>(edge) >= range.begin && std::get<0>(edge) < range.end));
            joined.push_back(edge);
          }
        }
        std::ranges::sort(joined);
        CHECK(joined == whole);
      }
    }
  }
}

TEST_CASE("the order of one target's synapses does not depend on the partition") {
  for (const auto& [name, rule] : rules()) {
    CAPTURE(name);
    const auto p = recurrent(23, true, true, 4);
    const auto whole = all(*rule, p);
    for (NeuronId target = 0; target < 23; ++target) {
      std::vector<Edge> expected;
      std::ranges::copy_if(whole, std::back_inserter(expected),
                           [&](const Edge& e) { return std::get<0>(e) == target; });
      CHECK(generated(*rule, p, {target, target + 1}) == expected);
    }
  }
}

TEST_CASE("every synapse of a rule has a key of its own") {
  for (const auto& [name, rule] : rules()) {
    CAPTURE(name);
    std::set<std::uint64_t> keys;
    const auto edges = all(*rule, recurrent(23, true, true));
    for (const auto& edge : edges) keys.insert(std::get<2>(edge));
    CHECK(keys.size() == edges.size());
  }
}

TEST_CASE("random rules draw other synapses with another seed and the same with the same") {
  for (const auto& [name, rule] : random_rules()) {
    CAPTURE(name);
    CHECK(all(*rule, problem(40, 30, 1)) == all(*rule, problem(40, 30, 1)));
    CHECK(all(*rule, problem(40, 30, 1)) != all(*rule, problem(40, 30, 2)));
  }
}

TEST_CASE("rules that fix a number keep it exactly") {
  const bool may_repeat = GENERATE(true, false);
  auto p = problem(50, 31, 8);
  p.multapses = may_repeat;
  CHECK(all_equal(
      in_degrees(all(*connection_rule("fixed_indegree", {{"indegree", std::int64_t{17}}}), p), 31),
      17));
  CHECK(all_equal(
      out_degrees(all(*connection_rule("fixed_outdegree", {{"outdegree", std::int64_t{17}}}), p),
                  50),
      17));
  CHECK(all(*connection_rule("fixed_total_number", {{"number", std::int64_t{777}}}), p).size() ==
        777);
}

TEST_CASE("without multapses the largest possible demand connects every pair once") {
  for (const bool autapses_too : {true, false}) {
    const auto p = recurrent(13, autapses_too, false);
    const std::int64_t degree = autapses_too ? 13 : 12;
    for (const auto& rule : {connection_rule("fixed_indegree", {{"indegree", degree}}),
                             connection_rule("fixed_outdegree", {{"outdegree", degree}}),
                             connection_rule("fixed_total_number", {{"number", degree * 13}})}) {
      rule->check(p, "projection");
      const auto edges = all(*rule, p);
      CHECK(edges.size() == static_cast<std::size_t>(degree * 13));
      CHECK(pairs(edges).size() == edges.size());
      CHECK(autapses(edges) == (autapses_too ? 13 : 0));
    }
  }
}

TEST_CASE("no autapses and no multapses arise where they are switched off") {
  for (const std::uint64_t seed : {1u, 2u, 3u, 4u, 5u}) {
    for (const auto& [name, rule] : random_rules()) {
      CAPTURE(name, seed);
      CHECK(autapses(all(*rule, recurrent(20, false, true, seed))) == 0);
      const auto different = all(*rule, recurrent(20, true, false, seed));
      CHECK(pairs(different).size() == different.size());
      const auto neither = all(*rule, recurrent(20, false, false, seed));
      CHECK(autapses(neither) == 0);
      CHECK(pairs(neither).size() == neither.size());
    }
  }
  CHECK(autapses(all(*connection_rule("all_to_all"), recurrent(20, false, true))) == 0);
  CHECK(all(*connection_rule("one_to_one"), recurrent(20, false, true)).empty());
}

TEST_CASE("between two populations equal numbers are no autapse") {
  auto p = problem(20, 20);
  p.autapses = false;
  CHECK(all(*connection_rule("one_to_one"), p).size() == 20);
  CHECK(all(*connection_rule("all_to_all"), p).size() == 400);
}

TEST_CASE("one_to_one and all_to_all connect what they say") {
  const auto one = all(*connection_rule("one_to_one"), problem(5, 5));
  for (NeuronId i = 0; i < 5; ++i) CHECK(one[i] == Edge{i, i, i});
  const auto every = all(*connection_rule("all_to_all"), problem(3, 2));
  CHECK(every ==
        std::vector<Edge>{{0, 0, 0}, {0, 1, 1}, {0, 2, 2}, {1, 0, 3}, {1, 1, 4}, {1, 2, 5}});
}

TEST_CASE("pairwise_bernoulli connects a pair with its probability") {
  const double probability = GENERATE(0.002, 0.1, 0.5, 0.97);
  CAPTURE(probability);
  constexpr std::size_t sources = 700, targets = 400;
  const auto edges =
      all(*connection_rule("pairwise_bernoulli", {{"p", probability}}), problem(sources, targets));
  CHECK(pairs(edges).size() == edges.size());
  // The number of synapses is binomial.
  const double n = static_cast<double>(sources) * targets;
  const double sigma = std::sqrt(n * probability * (1.0 - probability));
  CHECK(std::abs(static_cast<double>(edges.size()) - n * probability) < 4.0 * sigma);

  // In-degrees are binomial too, and independent: their variance is estimated with a standard error
  // of variance sqrt((kurtosis - 1)/targets).
  const auto degrees = in_degrees(edges, targets);
  const double mean = sources * probability;
  const double variance = mean * (1.0 - probability);
  double squares = 0.0;
  for (const int degree : degrees) squares += std::pow(degree - mean, 2);
  const double kurtosis = 3.0 + (1.0 - 6.0 * probability * (1.0 - probability)) / variance;
  CHECK(std::abs(squares / targets - variance) <
        4.0 * variance * std::sqrt((kurtosis - 1.0) / targets));
}

TEST_CASE("pairwise_bernoulli with probability 0 connects none and with 1 all") {
  const auto p = problem(9, 8);
  CHECK(all(*connection_rule("pairwise_bernoulli", {{"p", 0.0}}), p).empty());
  CHECK(pairs(all(*connection_rule("pairwise_bernoulli", {{"p", 1.0}}), p)).size() == 72);
}

TEST_CASE("partners are drawn evenly from all that there are") {
  // Repeating the rule with many seeds counts how often each pair comes up.
  const bool autapses_too = GENERATE(true, false);
  const bool may_repeat = GENERATE(true, false);
  constexpr std::size_t neurons = 8;
  for (const auto& [name, rule] :
       {std::pair{"in", connection_rule("fixed_indegree", {{"indegree", std::int64_t{3}}})},
        std::pair{"out", connection_rule("fixed_outdegree", {{"outdegree", std::int64_t{3}}})},
        std::pair{"total", connection_rule("fixed_total_number", {{"number", std::int64_t{24}}})},
        std::pair{"pair", connection_rule("pairwise_bernoulli", {{"p", 0.375}})}}) {
    CAPTURE(name, autapses_too, may_repeat);
    std::map<std::pair<NeuronId, NeuronId>, int> times;
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
      for (const auto& edge : all(*rule, recurrent(neurons, autapses_too, may_repeat, seed))) {
        ++times[{std::get<0>(edge), std::get<1>(edge)}];
      }
    }
    CHECK(times.size() == neurons * (neurons - (autapses_too ? 0 : 1)));
    std::vector<int> counts;
    for (const auto& [pair, count] : times) counts.push_back(count);
    // Drawing without repetition lowers the variance of a count, so the bound holds all the more.
    CHECK(excess_of_pearson(counts) < 4.0);
  }
}

TEST_CASE("rules expect as many synapses as they draw") {
  for (const bool may_repeat : {true, false}) {
    const auto p = recurrent(60, may_repeat, may_repeat, 3);
    for (const auto& [name, rule] : rules()) {
      CAPTURE(name, may_repeat);
      const auto drawn = static_cast<double>(all(*rule, p).size());
      const double expected = rule->expected_synapses(p);
      // Only pairwise_bernoulli leaves the number to chance.
      const double sigma = name == "pairwise_bernoulli" ? std::sqrt(expected * 0.7) : 0.0;
      CHECK(std::abs(drawn - expected) <= 4.0 * sigma);
    }
  }
}

TEST_CASE("demands that cannot be met are refused with place and numbers") {
  const auto refused = [](const ConnectionRulePtr& rule, const ConnectionProblem& p) {
    try {
      rule->check(p, "projection 'E->I'");
    } catch (const InvalidValue& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const auto in = connection_rule("fixed_indegree", {{"indegree", std::int64_t{11}}});
  const auto out = connection_rule("fixed_outdegree", {{"outdegree", std::int64_t{11}}});
  const auto total = connection_rule("fixed_total_number", {{"number", std::int64_t{111}}});
  const auto different = recurrent(11, false, false);
  CHECK_THAT(refused(in, different), Contains("projection 'E->I'") && Contains("11") &&
                                         Contains("without multapses") && Contains("at most 10"));
  CHECK_THAT(refused(out, different), Contains("outdegree of 11") && Contains("at most 10"));
  CHECK_THAT(refused(total, different), Contains("111 synapses") && Contains("at most 110"));
  CHECK(refused(in, recurrent(11, true, false)).empty());
  CHECK(refused(in, recurrent(11, false, true)).empty());

  // A neuron alone has nobody to connect to.
  for (const auto& rule : {in, out, total}) CHECK(refused(rule, recurrent(1, true, true)).empty());
  for (const auto& rule : {in, out, total}) {
    CHECK_FALSE(refused(rule, recurrent(1, false, true)).empty());
  }
  CHECK_THAT(refused(connection_rule("one_to_one"), problem(3, 4)),
             Contains("3 neurons to 4") && Contains("equal size"));
  CHECK_THAT(refused(listed_synapses({0, 3}, {0, 1}), problem(3, 4)),
             Contains("synapse 1") && Contains("neuron 3 to neuron 1"));
  CHECK_THROWS_AS(listed_synapses({0, 3}, {0}), InvalidValue);
  CHECK_THAT(refused(listed_synapses({0, 1}, {1, 1}), recurrent(3, false, true)),
             Contains("synapse 1") && Contains("autapses is false"));
  CHECK_THAT(refused(listed_synapses({2, 1, 2}, {1, 1, 1}), recurrent(3, true, false)),
             Contains("from neuron 2 to neuron 1 twice") && Contains("multapses is false"));
  CHECK_THROWS_AS(connection_rule("pairwise_bernoulli", {{"p", 1.5}}), InvalidValue);
  CHECK_THROWS_AS(connection_rule("fixed_indegree", {{"indegree", std::int64_t{-1}}}),
                  InvalidValue);
  CHECK_THROWS_AS(connection_rule("fixed_indegree", {{"in_degree", std::int64_t{1}}}), UnknownName);
}
