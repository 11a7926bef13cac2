/// Rows as the event runtime stores them against the plain rows they are made of.

#include <array>
#include <map>
#include <span>
#include <vector>

#include "core/random.hpp"
#include "core/rows.hpp"
#include "core/runtime/event_rows.hpp"
#include "tests/catch.hpp"

using namespace ranvier;

namespace {

using Row = std::vector<std::pair<std::uint32_t, double>>;  // cells and weights

std::vector<Row> plain(const GridRows& rows) {
  std::vector<Row> found(rows.sources());
  for (std::size_t s = 0; s < rows.sources(); ++s) {
    for (auto k = rows.start[s]; k < rows.start[s + 1]; ++k) {
      found[s].emplace_back(rows.cell[k], rows.weight[k]);
    }
  }
  return found;
}

std::vector<Row> stored(const EventRows& rows, std::size_t sources) {
  std::vector<Row> found(sources);
  for (NeuronId s = 0; s < sources; ++s) {
    const auto shift = rows.shift_of(s);
    if (rows.has_runs()) {
      const std::array<NeuronId, 1> one{s};
      rows.for_runs(std::span(one), [&](CellRun run, const auto& weights) {
        for (std::uint32_t k = 0; k < run.count; ++k) {
          found[s].emplace_back(run.first + shift + k, static_cast<double>(weights[0][k]));
        }
      });
    } else {
      rows.for_synapses(rows.begin_of(s), rows.end_of(s), [&](std::uint32_t cell, double weight) {
        found[s].emplace_back(cell + shift, weight);
      });
    }
  }
  return found;
}

/// Sources that each lead to runs of so many cells, some of them from the same cell on.
GridRows drawn_rows(std::size_t run, bool common_weight, bool in_floats) {
  auto draws = RandomStream(6, Purpose::connectivity).at(0, 0);
  GridRows rows;
  rows.targets = {0, 1000};
  rows.start = {0};
  rows.common_delay = 3;
  for (std::size_t s = 0; s < 60; ++s) {
    const auto first = static_cast<std::uint32_t>(s / 3 * 5);
    for (std::uint32_t r = 0; r < s % 4; ++r) {
      for (std::uint32_t k = 0; k < run; ++k) {
        rows.cell.push_back(first + 200 * r + k);
        const double weight = common_weight ? 0.25 : draws.normal();
        rows.weight.push_back(in_floats ? static_cast<double>(static_cast<float>(weight)) : weight);
      }
    }
    rows.start.push_back(rows.cell.size());
  }
  return rows;
}

}  // namespace

TEST_CASE("rows of neighbours are runs and hold what they were made of") {
  const bool common_weight = GENERATE(false, true);
  const bool in_floats = GENERATE(false, true);
  const std::size_t run = GENERATE(std::size_t{2}, std::size_t{24});
  CAPTURE(common_weight, in_floats, run);
  const auto given = drawn_rows(run, common_weight, in_floats);
  const EventRows rows(given);
  CHECK(rows.has_runs() == (run == 24));
  CHECK(rows.size() == given.size());
  CHECK(rows.common_delay() == 3.0);
  REQUIRE(stored(rows, given.sources()) == plain(given));
  for (std::uint32_t cell = 0; cell < 1000; cell += 7) {
    const bool reached = std::ranges::find(given.cell, cell) != given.cell.end();
    REQUIRE(rows.reaches(cell, cell + 1) == reached);
  }
}

TEST_CASE("sources are counted as alike only where they lead to the same cells") {
  const auto given = drawn_rows(24, false, true);
  const EventRows rows(given);
  const auto expected = plain(given);
  const auto same_cells = [&](NeuronId a, NeuronId b) {
    return std::ranges::equal(expected[a], expected[b], {}, &Row::value_type::first,
                              &Row::value_type::first);
  };
  std::vector<NeuronId> sources;
  for (NeuronId s = 1; s < given.sources(); s += 4) {
    // One run each, from cells that change every few sources; then all of them twice.
    sources.insert(sources.end(), {s, s});
  }
  bool any = false;
  for (std::size_t k = 0; k < sources.size(); ++k) {
    const auto rest = std::span<const NeuronId>(sources).subspan(k);
    const auto alike = rows.count_alike(rest, 4);
    REQUIRE(alike >= 1);
    REQUIRE(alike <= 4);
    for (std::size_t j = 1; j < alike; ++j) REQUIRE(same_cells(rest[0], rest[j]));
    any |= alike > 1;
  }
  CHECK(any);
}
