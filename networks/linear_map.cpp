#include "networks/linear_map.hpp"

#include <algorithm>
#include <cassert>

namespace ranvier {
namespace {

/// A row under construction: a sum for each source met.
class RowSum {
 public:
  explicit RowSum(std::size_t inputs) : sum_(inputs), met_(inputs) {}

  void add(std::uint32_t source, double weight) {
    if (!met_[source]) {
      met_[source] = true;
      sources_.push_back(source);
    }
    sum_[source] += weight;
  }

  void flush(double bias, LinearMap& into) {
    std::ranges::sort(sources_);
    for (const auto source : sources_) {
      into.source.push_back(source);
      into.weight.push_back(sum_[source]);
      sum_[source] = 0.0;
      met_[source] = false;
    }
    sources_.clear();
    into.end_row(bias);
  }

 private:
  std::vector<double> sum_;
  std::vector<bool> met_;
  std::vector<std::uint32_t> sources_;
};

bool is_identity(const LinearMap& map) {
  if (map.inputs != map.outputs() || map.entries() != map.inputs) return false;
  for (std::size_t i = 0; i < map.inputs; ++i) {
    if (map.first[i] != i || map.source[i] != i) return false;
    if (map.weight[i] != 1.0 || map.bias[i] != 0.0) return false;
  }
  return true;
}

}  // namespace

LinearMap identity_map(std::size_t size) {
  LinearMap map;
  map.inputs = size;
  for (std::size_t i = 0; i < size; ++i) {
    map.source.push_back(static_cast<std::uint32_t>(i));
    map.weight.push_back(1.0);
    map.end_row(0.0);
  }
  return map;
}

LinearMap composed(const LinearMap& second, const LinearMap& first) {
  assert(second.inputs == first.outputs());
  if (is_identity(first)) return second;  // what neurons send, mostly
  LinearMap map;
  map.inputs = first.inputs;
  RowSum row(first.inputs);
  for (std::size_t i = 0; i < second.outputs(); ++i) {
    double bias = second.bias[i];
    for (std::size_t e = second.first[i]; e < second.first[i + 1]; ++e) {
      const std::size_t middle = second.source[e];
      bias += second.weight[e] * first.bias[middle];
      for (std::size_t k = first.first[middle]; k < first.first[middle + 1]; ++k) {
        row.add(first.source[k], second.weight[e] * first.weight[k]);
      }
    }
    row.flush(bias, map);
  }
  return map;
}

LinearMap scaled(LinearMap map, double factor) {
  for (double& w : map.weight) w *= factor;
  return map;
}

LinearMap sum_of(const LinearMap& a, const LinearMap& b) {
  assert(a.inputs == b.inputs && a.outputs() == b.outputs());
  LinearMap map;
  map.inputs = a.inputs;
  RowSum row(a.inputs);
  for (std::size_t i = 0; i < a.outputs(); ++i) {
    for (const auto* part : {&a, &b}) {
      for (std::size_t e = part->first[i]; e < part->first[i + 1]; ++e) {
        row.add(part->source[e], part->weight[e]);
      }
    }
    row.flush(a.bias[i] + b.bias[i], map);
  }
  return map;
}

std::vector<double> product(const LinearMap& map, std::span<const double> x) {
  std::vector<double> y(map.outputs());
  for (std::size_t i = 0; i < y.size(); ++i) {
    double sum = 0.0;
    for (std::size_t e = map.first[i]; e < map.first[i + 1]; ++e) {
      sum += map.weight[e] * x[map.source[e]];
    }
    y[i] = sum;
  }
  return y;
}

}  // namespace ranvier
