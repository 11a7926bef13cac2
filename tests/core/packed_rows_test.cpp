/// The packed rows of bundles against the plain rows of their projections.

#include <map>
#include <tuple>
#include <vector>

#include "core/bundle.hpp"
#include "core/partition.hpp"
#include "core/rows.hpp"
#include "core/runtime/cell_layout.hpp"
#include "core/runtime/packed_rows.hpp"
#include "networks/connection_rules.hpp"
#include "networks/distribution.hpp"
#include "tests/catch.hpp"

using namespace ranvier;

namespace {

ValueSourcePtr uniform(double low, double high) {
  return distributions().at("uniform").make({{"low", low}, {"high", high}}, "a test");
}

/// Two populations and projections of every kind of weight and delay. `size`: of the second one;
/// cells take four bytes where it is large.
Network network_of(std::size_t size) {
  Network network;
  network.add(PopulationSpec{.name = "A", .model = "iaf_psc_exp", .size = 40});
  network.add(PopulationSpec{.name = "B", .model = "iaf_psc_delta", .size = size});
  const auto add = [&](const char* name, const char* source, const char* target,
                       ConnectionRulePtr rule, ValueSourcePtr weight, ValueSourcePtr delay) {
    network.add(ProjectionSpec{.name = name,
                               .source = source,
                               .target = target,
                               .rule = std::move(rule),
                               .weight = std::move(weight),
                               .delay = std::move(delay),
                               .port = {}});
  };
  const auto sparse = connection_rule("fixed_total_number", {{"number", std::int64_t{900}}});
  add("drawn", "A", "B", sparse, uniform(-1.0, 2.0), uniform(0.1, 3.0));
  add("common", "A", "B", sparse, constant_value(0.7), constant_value(1.0));
  add("drawn back", "A", "A", sparse, uniform(-3.0, -1.0), constant_value(1.5));
  add("same common", "A", "A", sparse, constant_value(0.7), uniform(0.5, 1.5));
  add("listed", "A", "B", listed_synapses({3, 3, 0}, {5, 6, 5}), listed_values({1.0, 0.1, 1e40}),
      constant_value(2.0));
  add("floats", "B", "A", listed_synapses({3, 3, 0}, {5, 6, 5}), listed_values({1.0, 0.5, 2.5}),
      listed_values({1.0, 0.5, 1.0}));
  add("at once", "A", "B", sparse, constant_value(0.7), constant_value(0.0));
  return network;
}

/// What a synapse adds: source, delay (steps), target population, port, target, weight.
using Entry = std::tuple<NeuronId, std::size_t, std::size_t, std::size_t, NeuronId, double>;
using Entries = std::map<Entry, int>;

Entries plain(const Network& network, const Bundle& bundle, const TimeGrid& grid) {
  Entries entries;
  for (const auto p : bundle.projections) {
    const auto target = network.population_index(network.projections()[p].target);
    const auto size = network.populations()[target].size;
    const auto rows = build_grid_rows(network, p, 7, {0, static_cast<NeuronId>(size)}, grid);
    for (NeuronId source = 0; source < rows.sources(); ++source) {
      for (auto k = rows.start[source]; k < rows.start[source + 1]; ++k) {
        ++entries[{source, rows.delay_of(k), target, rows.cell[k] / size,
                   static_cast<NeuronId>(rows.cell[k] % size), rows.weight[k]}];
      }
    }
  }
  return entries;
}

/// Every synapse delivered on its own, and looked for in the arrivals.
void add_packed(const Network& network, const CellLayout& layout, const PackedRows& rows,
                std::size_t sources, Entries& entries) {
  std::vector<double> arrivals(layout.size(), 0.0);
  for (NeuronId source = 0; source < sources; ++source) {
    std::size_t last_delay = 0;
    rows.for_segments(source, [&](std::size_t delay, std::uint64_t begin, std::uint64_t count) {
      CHECK(delay >= last_delay);
      last_delay = delay;
      for (auto k = begin; k < begin + count; ++k) {
        rows.prefetch(k, 1);
        rows.deliver(k, 1, arrivals.data());
        for (std::size_t p = 0; p < network.populations().size(); ++p) {
          for (std::size_t port = 0; port < network.model_of(p).ports.size(); ++port) {
            const auto range = layout.range(p);
            for (NeuronId i = range.begin; i < range.end; ++i) {
              double& sum = arrivals[layout.first(p, port) + i - range.begin];
              if (sum != 0.0) ++entries[{source, delay, p, port, i, sum}];
              sum = 0.0;
            }
          }
        }
      }
    });
  }
}

}  // namespace

TEST_CASE("packed rows of all threads together hold the synapses of their projections") {
  const TimeGrid grid(0.1);
  for (const std::size_t size : {30u, 70000u}) {
    const auto network = network_of(size);
    for (const unsigned workers : {1u, 2u, 3u}) {
      for (const auto& bundle : bundles_of(network)) {
        CAPTURE(size, workers, bundle.projections);
        Entries packed;
        std::size_t synapses = 0;
        LargeArray<std::byte> scratch;
        for (unsigned worker = 0; worker < workers; ++worker) {
          const CellLayout layout(network, Partition{workers}, worker);
          const PackedRows rows(network, bundle, 7, layout, grid, scratch, sizeof(double));
          synapses += rows.size();
          if (size == 30) {
            add_packed(network, layout, rows, network.populations()[bundle.source].size, packed);
          }
        }
        const auto expected = plain(network, bundle, grid);
        std::size_t count = 0;
        for (const auto& [entry, times] : expected) count += static_cast<std::size_t>(times);
        CHECK(synapses == count);
        if (size == 30) CHECK((packed == expected));
      }
    }
  }
}

TEST_CASE("projections from one population share rows where their weights are stored alike") {
  const auto bundles = bundles_of(network_of(30));
  std::vector<std::vector<std::size_t>> projections;
  for (const auto& bundle : bundles) projections.push_back(bundle.projections);
  CHECK(projections == std::vector<std::vector<std::size_t>>{{0, 2}, {1, 3}, {4}, {5}, {6}});
  CHECK(bundles[0].storage == WeightStorage::drawn);
  CHECK(bundles[1].common_weight == 0.7);
  CHECK(bundles[2].storage == WeightStorage::listed);
  CHECK(bundles[4].instantaneous);
}

TEST_CASE("a synapse takes the bytes its bundle needs and no more") {
  const TimeGrid grid(0.1);
  const auto bytes = [&](std::size_t size, std::size_t bundle) {
    const auto network = network_of(size);
    LargeArray<std::byte> scratch;
    const CellLayout layout(network, Partition{1}, 0);
    const PackedRows rows(network, bundles_of(network)[bundle], 7, layout, grid, scratch,
                          sizeof(double));
    const auto sources = network.populations()[bundles_of(network)[bundle].source].size;
    return static_cast<double>(rows.bytes()) - 8.0 * static_cast<double>(sources + 1);
  };
  CHECK(bytes(30, 4) == 900 * 2.0);        // cells alone
  CHECK(bytes(70000, 4) == 900 * 4.0);     // that no longer fit two bytes
  CHECK(bytes(30, 2) == 3 * (2.0 + 8.0));  // 0.1 and 1e40 are no floats
  // Three floats; the delays of two rows take three segments, and the rows need a start of those.
  CHECK(bytes(30, 3) == 3 * (2.0 + 4.0) + 3 * 4.0 + 31 * 8.0);
}
