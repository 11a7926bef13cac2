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

/// Every input leads to a few runs of outputs, as a pixel to all channels of some places.
LinearMap map_of_runs(std::size_t inputs, std::size_t channels) {
  auto draws = RandomStream(5, Purpose::connectivity).at(0, 0);
  LinearMap map;
  map.inputs = inputs;
  for (std::size_t place = 0; place < inputs; ++place) {
    for (std::size_t channel = 0; channel < channels; ++channel) {
      for (std::size_t j = place < 2 ? 0 : place - 2; j <= place; ++j) {
        map.source.push_back(static_cast<std::uint32_t>(j));
        map.weight.push_back(draws.normal());
      }
      map.end_row(0.0);
    }
  }
  return map;
}

}  // namespace

TEST_CASE("a product by columns has the bits of the product by rows") {
  const auto map = GENERATE(drawn_map(50, 33, 0.0), drawn_map(50, 33, 0.1), drawn_map(50, 33, 1.0),
                            map_of_runs(20, 12));
  const ColumnMap columns(map);
  auto draws = RandomStream(4, Purpose::stimulus).at(0, 0);
  for (int round = 0; round < 5; ++round) {
    std::vector<double> x(map.inputs);
    for (double& value : x) value = draws.uniform() < 0.7 ? 0.0 : draws.normal();
    std::vector<double> found(map.outputs());
    columns.add_product(x, found);
    REQUIRE(found == product(map, x));
  }
}
