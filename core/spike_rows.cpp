#include "core/spike_rows.hpp"

#include <algorithm>
#include <bit>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace ranvier {
namespace {

constexpr std::size_t group = 64;

/// A bit for each of 64 values: whether it is not zero.
template <class Real>
std::uint64_t bits_of(const Real* values) {
  std::uint64_t bits = 0;
  for (std::size_t k = 0; k < group; ++k) {
    bits |= std::uint64_t{values[k] != Real(0)} << k;
  }
  return bits;
}

#if defined(__AVX2__)
/// GCC 12 turns the loop above into one value at a time.
template <>
std::uint64_t bits_of(const float* values) {
  std::uint64_t bits = 0;
  for (std::size_t k = 0; k < group; k += 8) {
    const __m256 unequal =
        _mm256_cmp_ps(_mm256_loadu_ps(values + k), _mm256_setzero_ps(), _CMP_NEQ_UQ);
    bits |= std::uint64_t{static_cast<unsigned>(_mm256_movemask_ps(unequal))} << k;
  }
  return bits;
}
#endif

/// A row of sums per neuron, padded so that rows are whole vectors.
constexpr std::size_t padded(std::size_t outputs) { return (outputs + 7) / 8 * 8; }

}  // namespace

template <class Real>
bool SpikeRows::take(std::span<const Real> values, std::size_t rows) {
  clear();
  const std::size_t size = rows == 0 ? 0 : values.size() / rows;
  const auto most = static_cast<std::size_t>(densest * static_cast<double>(values.size()));
  bool are_spikes = true;
  const auto note = [&](std::size_t r, std::size_t i) {
    are_spikes = are_spikes && values[r * size + i] == Real(1);
    neuron_.push_back(static_cast<std::uint32_t>(i));
  };
  for (std::size_t r = 0; r < rows; ++r) {
    const auto row = values.subspan(r * size, size);
    std::size_t i = 0;
    for (; i + group <= size; i += group) {
      for (auto bits = bits_of(row.data() + i); bits != 0; bits &= bits - 1) {
        note(r, i + static_cast<std::size_t>(std::countr_zero(bits)));
      }
    }
    for (; i < size; ++i) {
      if (row[i] != Real(0)) note(r, i);
    }
    first_.push_back(static_cast<std::uint32_t>(neuron_.size()));
    if (!are_spikes || neuron_.size() > most) {
      clear();
      return false;
    }
  }
  return true;
}

template <class Real>
void multiply(const SpikeRows& spikes, std::span<const Real> weights, std::size_t outputs,
              std::span<Real> sums, std::vector<Real>& scratch) {
  const std::size_t inputs = weights.size() / outputs, width = padded(outputs);
  scratch.assign(inputs * width, Real(0));  // weights by input
  for (std::size_t o = 0; o < outputs; ++o) {
    for (std::size_t i = 0; i < inputs; ++i) scratch[i * width + o] = weights[o * inputs + i];
  }
  // So many sums stay in registers.
  constexpr std::size_t block = 16;
  for (std::size_t r = 0; r < spikes.rows(); ++r) {
    const auto row = spikes.row(r);
    Real* const to = sums.data() + r * outputs;
    for (std::size_t first = 0; first < outputs; first += block) {
      Real sum[block] = {};
      const auto count = std::min(block, width - first);
      if (count == block) {
        for (const auto i : row) {
          const Real* const from = scratch.data() + i * width + first;
          for (std::size_t o = 0; o < block; ++o) sum[o] += from[o];
        }
      } else {
        for (const auto i : row) {
          const Real* const from = scratch.data() + i * width + first;
          for (std::size_t o = 0; o < block / 2; ++o) sum[o] += from[o];
        }
      }
      std::copy_n(sum, std::min(block, outputs - first), to + first);
    }
  }
}

template <class Real>
void add_products(const SpikeRows& spikes, std::span<const Real> errors, std::size_t outputs,
                  std::size_t stride, std::span<Real> gradient) {
  const std::size_t inputs = gradient.size() / outputs, width = padded(outputs);
  std::vector<Real> by_input(inputs * width), error(width);
  for (std::size_t r = 0; r < spikes.rows(); ++r) {
    std::copy_n(errors.data() + r * stride, outputs, error.begin());
    for (const auto i : spikes.row(r)) {
      Real* const to = by_input.data() + i * width;
      for (std::size_t o = 0; o < width; ++o) to[o] += error[o];
    }
  }
  for (std::size_t o = 0; o < outputs; ++o) {
    for (std::size_t i = 0; i < inputs; ++i) {
      gradient[o * inputs + i] += by_input[i * width + o];
    }
  }
}

template bool SpikeRows::take(std::span<const float>, std::size_t);
template bool SpikeRows::take(std::span<const double>, std::size_t);
template void multiply(const SpikeRows&, std::span<const float>, std::size_t, std::span<float>,
                       std::vector<float>&);
template void multiply(const SpikeRows&, std::span<const double>, std::size_t, std::span<double>,
                       std::vector<double>&);
template void add_products(const SpikeRows&, std::span<const float>, std::size_t, std::size_t,
                           std::span<float>);
template void add_products(const SpikeRows&, std::span<const double>, std::size_t, std::size_t,
                           std::span<double>);

}  // namespace ranvier
