/// Products with spikes against those with the same activity taken as any numbers.

#include <vector>

#include "core/matrix.hpp"
#include "core/random.hpp"
#include "core/spike_rows.hpp"
#include "tests/catch.hpp"

using namespace ranvier;

namespace {

std::vector<double> drawn(std::size_t count, double density, bool spikes) {
  auto draws = RandomStream(5, Purpose::stimulus).at(static_cast<std::uint32_t>(count), 0);
  std::vector<double> values(count);
  for (double& value : values) {
    if (draws.uniform() < density) value = spikes ? 1.0 : draws.normal();
  }
  return values;
}

}  // namespace

TEST_CASE("spikes come back as lists, row by row") {
  const std::size_t size = GENERATE(1u, 63u, 64u, 130u), rows = 7;
  const auto values = drawn(rows * size, 0.1, true);
  SpikeRows spikes;
  REQUIRE(spikes.take(std::span(values), rows));
  REQUIRE(spikes.rows() == rows);
  std::vector<double> again(values.size());
  for (std::size_t r = 0; r < rows; ++r) {
    for (const auto i : spikes.row(r)) again[r * size + i] += 1.0;
  }
  CHECK(again == values);
}

TEST_CASE("other numbers and dense spikes are none") {
  SpikeRows spikes;
  std::vector<float> values(1000, 0.0F);
  CHECK(spikes.take(std::span<const float>(values), 10));
  values[500] = 0.5F;
  CHECK_FALSE(spikes.take(std::span<const float>(values), 10));
  CHECK(spikes.empty());
  values.assign(values.size(), 1.0F);
  CHECK_FALSE(spikes.take(std::span<const float>(values), 10));
  CHECK(spikes.empty());
}

// Sums of at most `inputs` terms, or `rows`, of which none is larger than 5: in another order they
// differ by less than that many times the rounding of each.
TEST_CASE("products with spikes are those of the matrices") {
  const std::size_t inputs = 90, rows = 12;
  const std::size_t outputs = GENERATE(1u, 8u, 10u, 16u, 33u);
  const auto values = drawn(rows * inputs, 0.1, true);
  const auto weights = drawn(outputs * inputs, 1.0, false);
  const auto errors = drawn(rows * (outputs + 3), 1.0, false);
  SpikeRows spikes;
  REQUIRE(spikes.take(std::span(values), rows));

  std::vector<double> sums(rows * outputs), scratch;
  multiply<double>(spikes, weights, outputs, sums, scratch);
  const RowMatrix<double> expected =
      matrix_view(std::span(values), rows) * matrix_view(std::span(weights), outputs).transpose();
  CHECK((matrix_view(std::span<const double>(sums), rows) - expected).cwiseAbs().maxCoeff() <
        90 * 90 * 5 * 0x1p-53);

  std::vector<double> gradient(outputs * inputs, 1.0);
  add_products<double>(spikes, errors, outputs, outputs + 3, gradient);
  const RowMatrix<double> expected_gradient =
      RowMatrix<double>::Ones(static_cast<Eigen::Index>(outputs), inputs) +
      matrix_view(std::span(errors), rows, outputs, outputs + 3).transpose() *
          matrix_view(std::span(values), rows);
  CHECK((matrix_view(std::span<const double>(gradient), outputs) - expected_gradient)
            .cwiseAbs()
            .maxCoeff() < 13 * 13 * 5 * 0x1p-53);
}
