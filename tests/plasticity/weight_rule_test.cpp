#include "plasticity/weight_rule.hpp"

#include <algorithm>
#include <vector>

#include "plasticity/error_transport.hpp"
#include "tests/catch.hpp"

using namespace ranvier;

namespace {

// Two rows, three inputs, two outputs; all numbers small integers, so that sums are exact.
const std::vector<double> presynaptic{1, 0, 2,  //
                                      3, 1, 0};
const std::vector<double> error{1, -1,  //
                                2, 5};
const SynapticActivity<double> activity{2, 3, 2, presynaptic, error};

}  // namespace

TEST_CASE("backpropagation adds the sum of error times presynaptic activity") {
  std::vector<double> weights(6, 10.0), bias(2, 10.0);
  const auto rule = weight_rules().at("backpropagation").make<double>();
  rule->accumulate(activity, weights, bias);
  CHECK(weights == std::vector<double>{17, 12, 12, 24, 15, 8});
  CHECK(bias == std::vector<double>{13, 14});
  rule->accumulate(activity, weights, {});
  CHECK(weights == std::vector<double>{24, 14, 14, 38, 20, 6});
}

TEST_CASE("the weights themselves carry the error back") {
  const std::vector<double> weights{1, 2, 3,  //
                                    4, 5, 6};
  std::vector<double> scratch;
  const auto matrix =
      error_transports().at("transpose").make<double>()->matrix(weights, {}, 2, scratch);
  CHECK(std::ranges::equal(matrix, weights));
}
