/// Linear maps in a row are one map.

#include <vector>

#include "networks/linear_map.hpp"
#include "tests/catch.hpp"

namespace ranvier {
namespace {

/// y0 = 2 x0 - x2 + 0.5, y1 = 3 x1.
LinearMap small_map() {
  LinearMap map;
  map.inputs = 3;
  map.source = {0, 2};
  map.weight = {2.0, -1.0};
  map.end_row(0.5);
  map.source.push_back(1);
  map.weight.push_back(3.0);
  map.end_row(0.0);
  return map;
}

void check_equal(const LinearMap& a, const LinearMap& b) {
  CHECK(a.inputs == b.inputs);
  CHECK(a.first == b.first);
  CHECK(a.source == b.source);
  CHECK(a.weight == b.weight);
  CHECK(a.bias == b.bias);
}

}  // namespace

TEST_CASE("a map after the identity is itself, and after a scaled one scaled") {
  const auto map = small_map();
  check_equal(composed(map, identity_map(3)), map);
  check_equal(composed(map, scaled(identity_map(3), 0.25)), scaled(map, 0.25));
}

TEST_CASE("a map after one that only looks like the identity is not itself") {
  auto swapped = identity_map(3);
  swapped.source = {1, 0, 2};
  const auto map = composed(small_map(), swapped);
  CHECK(map.source == std::vector<std::uint32_t>{1, 2, 0});
  auto moved = identity_map(3);
  moved.bias[1] = 1.0;
  CHECK(composed(small_map(), moved).bias == std::vector<double>{0.5, 3.0});
}

}  // namespace ranvier
