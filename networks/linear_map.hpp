#pragma once

/// A sparse linear map with an offset, y = W x + b: what lies between the neurons of two layers once
/// training is over, whether it was all-to-all, a convolution, a mean or several of these in a row.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ranvier {

struct LinearMap {
  std::size_t inputs = 0;
  std::vector<std::size_t> first{0};  ///< [outputs + 1] where each output's entries begin
  std::vector<std::uint32_t> source;  ///< by output, ascending
  std::vector<double> weight;         ///< of each entry
  std::vector<double> bias;           ///< [outputs]

  std::size_t outputs() const noexcept { return bias.size(); }
  std::size_t entries() const noexcept { return source.size(); }
  /// Whether every output has an entry for every input.
  bool is_dense() const noexcept { return entries() == inputs * outputs(); }

  /// Closes the row of the next output.
  void end_row(double offset) {
    first.push_back(source.size());
    bias.push_back(offset);
  }
};

/// y = x of `size` values.
LinearMap identity_map(std::size_t size);

/// y = W x + b for weights [outputs][inputs], all of which are entries; without biases b is zero.
template <class Real>
LinearMap dense_map(std::size_t inputs, std::span<const Real> weights,
                    std::span<const Real> bias = {}) {
  LinearMap map;
  map.inputs = inputs;
  map.weight.assign(weights.begin(), weights.end());
  for (std::size_t i = 0; i < weights.size() / inputs; ++i) {
    for (std::size_t j = 0; j < inputs; ++j) map.source.push_back(static_cast<std::uint32_t>(j));
    map.end_row(bias.empty() ? 0.0 : static_cast<double>(bias[i]));
  }
  return map;
}

/// first, then second: y = W2 (W1 x + b1) + b2.
LinearMap composed(const LinearMap& second, const LinearMap& first);

/// y = factor W x + b.
LinearMap scaled(LinearMap map, double factor);

/// y = W1 x + b1 + W2 x + b2.
LinearMap sum_of(const LinearMap& a, const LinearMap& b);

/// W x alone, each sum in the order of the inputs; `x` [inputs].
std::vector<double> product(const LinearMap& map, std::span<const double> x);

}  // namespace ranvier
