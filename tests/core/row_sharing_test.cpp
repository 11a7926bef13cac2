/// Rows stored once against the rows they stand for.

#include <vector>

#include "core/random.hpp"
#include "core/runtime/row_sharing.hpp"
#include "tests/catch.hpp"

using namespace ranvier;

namespace {

/// Rows by source, as a projection has them.
struct Columns {
  std::vector<std::uint64_t> start{0};
  LargeArray<std::uint16_t> cells;
  LargeArray<float> weights;

  void add(std::vector<std::uint16_t> row, std::vector<float> row_weights) {
    cells.insert(cells.end(), row.begin(), row.end());
    weights.insert(weights.end(), row_weights.begin(), row_weights.end());
    start.push_back(cells.size());
  }
};

std::optional<RowSharing> shared(Columns& columns) {
  return RowSharer<std::uint16_t, float>(columns.start, columns.cells, columns.weights).share();
}

/// Row of a source as it is delivered.
std::vector<std::pair<std::uint32_t, float>> row_of(const Columns& columns,
                                                    const RowSharing& sharing, NeuronId source) {
  std::vector<std::pair<std::uint32_t, float>> row;
  const auto r = sharing.row_of(source);
  for (auto k = columns.start[r]; k < columns.start[r + 1]; ++k) {
    row.emplace_back(columns.cells[k] + sharing.shift_of(source),
                     columns.weights.empty() ? 1.0F : columns.weights[k]);
  }
  return row;
}

}  // namespace

TEST_CASE("rows alike but for a shift are stored once and deliver what they did") {
  const bool weighted = GENERATE(true, false);
  auto draws = RandomStream(3, Purpose::shuffle).at(0, 0);
  Columns columns;
  // Three filters whose cells are in no order, and sources without synapses.
  const std::vector<std::vector<std::uint16_t>> filters{{7, 3, 9}, {0, 1}, {5, 0, 2, 4}, {}};
  for (int source = 0; source < 3000; ++source) {
    const auto f = draws.below(4);
    auto row = filters[f];
    const auto shift = static_cast<std::uint16_t>(draws.below(60000));
    std::vector<float> weights;
    for (auto& cell : row) {
      cell = static_cast<std::uint16_t>(cell + shift);
      if (weighted) weights.push_back(static_cast<float>(f) + 0.25F * (cell - shift));
    }
    columns.add(row, weights);
  }
  const auto before = columns;
  const auto sharing = shared(columns);
  REQUIRE(sharing);
  CHECK(columns.start.size() == 5);
  for (NeuronId source = 0; source < 3000; ++source) {
    REQUIRE(row_of(columns, *sharing, source) == row_of(before, {}, source));
  }
}

TEST_CASE("rows of which few are alike stay as they are") {
  auto draws = RandomStream(4, Purpose::shuffle).at(0, 0);
  Columns columns;
  for (int source = 0; source < 2000; ++source) {
    columns.add({static_cast<std::uint16_t>(draws.below(9)), 11},
                {1.0F, static_cast<float>(source)});
  }
  const auto before = columns;
  CHECK_FALSE(shared(columns));
  CHECK(columns.start == before.start);
  CHECK(columns.cells == before.cells);
}

TEST_CASE("rows of other weights are not alike") {
  Columns columns;
  for (const float weight : {1.0F, 1.0F, 2.0F, 1.0F, 1.0F}) columns.add({4, 5}, {weight, 0.5F});
  const auto sharing = shared(columns);
  REQUIRE(sharing);
  CHECK(sharing->row == std::vector<std::uint32_t>{0, 0, 1, 0, 0});
  CHECK(sharing->shift == std::vector<std::uint32_t>(5, 4));
}
