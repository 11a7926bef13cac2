/// The rows of a projection: order, independence of the partition, and what they refuse.

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "core/error.hpp"
#include "core/partition.hpp"
#include "core/rows.hpp"
#include "core/simulation.hpp"
#include "networks/connection_rules.hpp"
#include "networks/distribution.hpp"
#include "tests/catch.hpp"

using namespace ranvier;
using Catch::Matchers::Contains;

namespace {

constexpr double resolution = 0.1;
const double not_a_number = std::numeric_limits<double>::quiet_NaN();

ValueSourcePtr normal(double mean, double std) {
  return distributions().at("normal").make({{"mean", mean}, {"std", std}}, "a test");
}

ValueSourcePtr uniform(double low, double high) {
  return distributions().at("uniform").make({{"low", low}, {"high", high}}, "a test");
}

/// 40 neurons A of weights and delays that differ, and 30 neurons B that they reach.
Network network_with(ConnectionRulePtr rule, ValueSourcePtr weight, ValueSourcePtr delay) {
  Network network;
  network.add(PopulationSpec{.name = "A", .model = "iaf_psc_exp", .size = 40});
  network.add(PopulationSpec{.name = "B", .model = "iaf_psc_exp", .size = 30});
  network.add(ProjectionSpec{.source = "A",
                             .target = "B",
                             .rule = std::move(rule),
                             .weight = std::move(weight),
                             .delay = std::move(delay),
                             .port = {}});
  return network;
}

/// One synapse, from the first A to the first B.
Network one_synapse(double weight, ValueSourcePtr delay) {
  return network_with(listed_synapses({0}, {0}), constant_value(weight), std::move(delay));
}

template <class Rows>
using SynapseOf = std::tuple<NeuronId, decltype(Rows::common_delay), std::uint32_t, double>;

/// Source, delay, cell and weight of every synapse.
template <class Rows>
std::vector<SynapseOf<Rows>> synapses_of(const Rows& rows) {
  std::vector<SynapseOf<Rows>> list;
  for (NeuronId source = 0; source < rows.sources(); ++source) {
    for (auto k = rows.start[source]; k < rows.start[source + 1]; ++k) {
      list.emplace_back(source, rows.delay_of(k), rows.cell[k], rows.weight[k]);
    }
  }
  return list;
}

GridRows grid_rows(const Network& network, NeuronRange targets = {0, 30}, std::uint64_t seed = 1) {
  return build_grid_rows(network, 0, seed, targets, TimeGrid(resolution));
}

std::string refusal(const Network& network) {
  try {
    grid_rows(network);
  } catch (const InvalidValue& error) {
    return error.what();
  }
  return {};
}

std::vector<ConnectionRulePtr> rules() {
  return {connection_rule("all_to_all"), connection_rule("pairwise_bernoulli", {{"p", 0.4}}),
          connection_rule("fixed_indegree", {{"indegree", std::int64_t{50}}}),
          connection_rule("fixed_outdegree", {{"outdegree", std::int64_t{50}}}),
          connection_rule("fixed_total_number", {{"number", std::int64_t{600}}})};
}

}  // namespace

TEST_CASE("synapses of a row are in order of delay, then of cell") {
  for (const auto& rule : rules()) {
    const auto network = network_with(rule, normal(0.0, 10.0), uniform(0.5, 3.0));
    const auto rows = grid_rows(network);
    const auto exact = build_exact_rows(network, 0, 1, {0, 30});
    REQUIRE(rows.size() == exact.size());
    const auto ordered = [](const auto& r) {
      for (std::size_t s = 0; s < r.sources(); ++s) {
        for (auto k = r.start[s] + 1; k < r.start[s + 1]; ++k) {
          if (std::tuple(r.delay_of(k - 1), r.cell[k - 1]) > std::tuple(r.delay_of(k), r.cell[k])) {
            return false;
          }
        }
      }
      return true;
    };
    CHECK(ordered(rows));
    CHECK(ordered(exact));
    CHECK(rows.start.front() == 0);
    CHECK(rows.start.back() == rows.size());
  }
}

TEST_CASE("rows of a partition are the rows of the whole, target by target") {
  for (const auto& rule : rules()) {
    for (const auto& delay : {uniform(0.5, 3.0), constant_value(1.5)}) {
      const auto network = network_with(rule, normal(0.0, 10.0), delay);
      auto whole = synapses_of(grid_rows(network));
      std::ranges::sort(whole);
      for (const unsigned workers : {2u, 3u, 7u}) {
        std::vector<SynapseOf<GridRows>> joined;
        for (unsigned worker = 0; worker < workers; ++worker) {
          const auto part = synapses_of(grid_rows(network, Partition{workers}.range(30, worker)));
          joined.insert(joined.end(), part.begin(), part.end());
        }
        std::ranges::sort(joined);
        CHECK(joined == whole);
      }
    }
  }
}

TEST_CASE("a synapse delivers at the port of its sign, and its weight is its key's as a float") {
  const auto network =
      network_with(connection_rule("all_to_all"), normal(0.0, 10.0), constant_value(1.0));
  const auto rows = grid_rows(network);
  const auto weights = normal(0.0, 10.0);
  const RandomStream stream(1, Purpose::weight, 0);
  REQUIRE(rows.size() == 1200);
  for (NeuronId source = 0; source < 40; ++source) {
    for (auto k = rows.start[source]; k < rows.start[source + 1]; ++k) {
      const auto port = rows.cell[k] / 30;
      const auto target = rows.cell[k] % 30;
      CHECK(port == (rows.weight[k] < 0.0 ? 1 : 0));
      const double drawn = weights->value(std::uint64_t{target} * 40 + source, stream);
      CHECK(rows.weight[k] == static_cast<double>(static_cast<float>(drawn)));
    }
  }
}

TEST_CASE("a listed weight belongs to the synapse at its place of the list") {
  auto network = network_with(listed_synapses({5, 0, 5}, {2, 1, 0}),
                              listed_values({10.0, 20.0, 30.0}), listed_values({2.0, 1.0, 1.5}));
  const auto expected =
      std::vector<SynapseOf<GridRows>>{{0, 10, 1, 20.0}, {5, 15, 0, 30.0}, {5, 20, 2, 10.0}};
  CHECK(synapses_of(grid_rows(network)) == expected);
}

TEST_CASE("delays are rounded to the nearest step on the grid and kept off it") {
  const auto network = one_synapse(1.0, constant_value(1.46));
  CHECK(grid_rows(network).common_delay == 15);
  CHECK(build_exact_rows(network, 0, 1, {0, 30}).common_delay == 1.46);
}

TEST_CASE("delays that the grid cannot hold are refused with projection and limit") {
  for (const bool drawn : {false, true}) {
    CAPTURE(drawn);
    const auto delay = [&](double ms) { return drawn ? listed_values({ms}) : constant_value(ms); };
    const auto below_step = refusal(one_synapse(1.0, delay(0.05)));
    CHECK_THAT(below_step, Contains("'A->B'") && Contains("0.05 ms") &&
                               Contains("at least the resolution, 0.1 ms"));
    CHECK_THAT(refusal(one_synapse(1.0, delay(7000.0))), Contains("7000 ms") && Contains("65535"));
    CHECK(refusal(one_synapse(1.0, delay(0.1))).empty());
    CHECK(refusal(one_synapse(1.0, delay(6553.5))).empty());
  }
  CHECK_THAT(refusal(one_synapse(1.0, listed_values({-1.0}))), Contains("-1 ms"));
  CHECK_THAT(refusal(one_synapse(1.0, listed_values({not_a_number}))), Contains("nan ms"));
  CHECK_THAT(refusal(one_synapse(1.0, listed_values({0.0}))),
             Contains("only a constant delay may be zero"));
}

TEST_CASE("off the grid any positive delay will do, and others are refused") {
  const auto exact = [](double ms) {
    return build_exact_rows(one_synapse(1.0, listed_values({ms})), 0, 1, {0, 30});
  };
  CHECK(exact(1e-3).delay_of(0) == 1e-3);
  for (const double bad : {-0.1, 0.0, not_a_number, std::numeric_limits<double>::infinity()}) {
    CHECK_THROWS_AS(exact(bad), InvalidValue);
  }
}

TEST_CASE("a constant weight or delay that is no number is refused when it is added") {
  CHECK_THROWS_WITH(one_synapse(not_a_number, constant_value(1.0)),
                    Contains("'A->B'") && Contains("nan") && Contains("finite"));
  CHECK_THROWS_WITH(one_synapse(1.0, constant_value(-0.5)),
                    Contains("'A->B'") && Contains("-0.5 ms") && Contains("at least 0 ms"));
  CHECK_THROWS_AS(one_synapse(1.0, constant_value(not_a_number)), InvalidValue);
}

TEST_CASE("a drawn weight that is no number is refused with its synapse") {
  const auto network = network_with(listed_synapses({3, 4}, {1, 2}),
                                    listed_values({1.0, not_a_number}), constant_value(1.0));
  CHECK_THAT(refusal(network),
             Contains("'A->B'") && Contains("from neuron 4 to neuron 2") && Contains("nan"));
}

TEST_CASE("lists of weights and delays are refused where they do not fit the synapses") {
  const auto refused = [](ConnectionRulePtr rule, std::size_t weights, std::size_t delays) {
    try {
      network_with(std::move(rule), listed_values(std::vector<double>(weights, 1.0)),
                   listed_values(std::vector<double>(delays, 1.0)));
    } catch (const InvalidValue& problem) {
      return std::string(problem.what());
    }
    return std::string();
  };
  CHECK(refused(listed_synapses({3, 4}, {1, 2}), 2, 2).empty());
  CHECK_THAT(refused(listed_synapses({3, 4}, {1, 2}), 1, 2),
             Contains("weight of projection 'A->B' has 1 values") && Contains("2 synapses"));
  CHECK_THAT(refused(listed_synapses({3, 4}, {1, 2}), 2, 3),
             Contains("delay of projection 'A->B' has 3 values"));
  CHECK_THAT(refused(connection_rule("all_to_all"), 1, 1), Contains("has 1 values"));
  CHECK_THAT(refused(connection_rule("pairwise_bernoulli", {{"p", 0.5}}), 5, 5),
             Contains("expected a number or a distribution"));
}

TEST_CASE("a cycle of projections without delay is refused by the names in it") {
  Network network;
  for (const auto* name : {"A", "B", "C"}) {
    network.add(PopulationSpec{.name = name, .model = "lif", .size = 2});
  }
  const auto connect = [&](const char* source, const char* target, double delay) {
    network.add(ProjectionSpec{.source = source,
                               .target = target,
                               .rule = connection_rule("all_to_all"),
                               .weight = constant_value(0.1),
                               .delay = constant_value(delay),
                               .port = {}});
  };
  connect("A", "B", 0.0);
  connect("B", "C", 0.0);
  connect("C", "A", 1.0);
  CHECK(levels_of(network) == std::vector<std::size_t>{0, 1, 2});
  connect("C", "B", 0.0);
  for (const auto* runtime : {"clock", "event"}) {
    CHECK_THROWS_WITH(Simulation(network, {.runtime = runtime}),
                      Contains("cycle") && Contains("'B'") && Contains("'C'"));
  }
}

TEST_CASE("a population may not project onto itself without delay") {
  Network network;
  network.add(PopulationSpec{.name = "A", .model = "lif", .size = 2});
  network.add(ProjectionSpec{.source = "A",
                             .target = "A",
                             .rule = connection_rule("one_to_one"),
                             .weight = constant_value(0.1),
                             .delay = constant_value(0.0),
                             .port = {}});
  CHECK_THROWS_WITH(Simulation(network), Contains("cycle") && Contains("'A'"));
}
