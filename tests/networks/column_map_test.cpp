/// A linear map by columns against the same by rows.

#include <vector>

#include "core/random.hpp"
#include "networks/column_map.hpp"
#include "tests/catch.hpp"

using namespace ranvier;

namespace {

LinearMap drawn_map(std::size_t inputs, std::size_t outputs, double density) {
  auto draws = RandomStream(3, Purpose::connectivity).at(0, 0);
  LinearMap map;
  map.inputs = inputs;
  for (std::size_t i = 0; i < outputs; ++i) {
    for (std::size_t j = 0; j < inputs; ++j) {
      if (draws.uniform() > density) continue;
      map.source.push_back(static_cast<std::uint32_t>(j));
      map.weight.push_back(draws.normal());
    }
    map.end_row(draws.normal());
  }
  return map;
}

}  // namespace

TEST_CASE("a product by columns has the bits of the product by rows") {
  const double density = GENERATE(0.0, 0.1, 1.0);
  const auto map = drawn_map(50, 33, density);
  ColumnMap columns(map);
  auto draws = RandomStream(4, Purpose::stimulus).at(0, 0);
  for (int round = 0; round < 5; ++round) {
    std::vector<double> x(map.inputs);
    for (double& value : x) value = draws.uniform() < 0.7 ? 0.0 : draws.normal();
    const auto found = columns.product(x);
    REQUIRE(std::vector<double>(found.begin(), found.end()) == product(map, x));
  }
}
