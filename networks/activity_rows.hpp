#pragma once

/// Rows of activity over time, and the buffers that hold them.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "networks/sequential_trace.hpp"

namespace ranvier {

/// Sums [T][R] over time into [R], step after step: Eigen's column sums associate differently
/// according to where in memory the sum lies, and equal runs would differ in the last bit.
template <class Real>
void sum_over_time(std::span<const Real> values, std::span<Real> sum) {
  std::ranges::copy(values.first(sum.size()), sum.begin());
  for (std::size_t begin = sum.size(); begin < values.size(); begin += sum.size()) {
    const auto step = values.subspan(begin, sum.size());
    std::transform(sum.begin(), sum.end(), step.begin(), sum.begin(), std::plus<>{});
  }
}

/// Adds a row, again and again where it is shorter.
template <class Real>
void add_rows(std::span<const Real> row, std::span<Real> sum) {
  for (std::size_t begin = 0; begin < sum.size(); begin += row.size()) {
    const auto part = sum.subspan(begin, row.size());
    std::transform(part.begin(), part.end(), row.begin(), part.begin(), std::plus<>{});
  }
}

/// The sum of values that are 0 or 1: in blocks, whose sums are exact in any order, as the compiler
/// may then add up several at a time.
template <class Real>
double sum_of_spikes(std::span<const Real> values) {
  constexpr std::size_t block = 4096;
  double sum = 0.0;
  for (std::size_t first = 0; first < values.size(); first += block) {
    const auto part = values.subspan(first, std::min(block, values.size() - first));
    std::int32_t count = 0;
    for (const Real value : part) count += value != Real(0) ? 1 : 0;
    sum += count;
  }
  return sum;
}

/// A buffer out of those between uses, with whatever is left in it: the smallest that holds the size
/// and little more, as the rest would lie idle.
template <class Real>
LargeArray<Real> take(SequentialTrace<Real>& trace, std::size_t size) {
  const auto fits = [size](const LargeArray<Real>& buffer) {
    return buffer.capacity() >= size && 4 * buffer.capacity() <= 5 * size;
  };
  const auto cost = [&](const LargeArray<Real>& buffer) {
    return fits(buffer) ? buffer.capacity() : std::numeric_limits<std::size_t>::max();
  };
  LargeArray<Real> buffer;
  const auto best = std::ranges::min_element(trace.spare, {}, cost);
  if (best != trace.spare.end() && fits(*best)) {
    std::swap(*best, trace.spare.back());
    buffer = std::move(trace.spare.back());
    trace.spare.pop_back();
  }
  buffer.resize(size);
  return buffer;
}

/// Back among those between uses.
template <class Real>
void give_back(SequentialTrace<Real>& trace, LargeArray<Real>& buffer) {
  if (buffer.capacity() > 0) trace.spare.push_back(std::move(buffer));
  buffer = {};
}

}  // namespace ranvier
