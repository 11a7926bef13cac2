#include "core/spike_rows.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "core/spike_bits.hpp"

namespace ranvier {
namespace {

template <class Real>
inline constexpr std::size_t lanes = 32 / sizeof(Real);
/// As long as AVX2 has them; GCC and clang split them for other processors.
template <class Real>
struct VectorOf;
template <>
struct VectorOf<float> {
  using Type = float __attribute__((vector_size(32)));
};
template <>
struct VectorOf<double> {
  using Type = double __attribute__((vector_size(32)));
};
template <class Real>
using Vector = typename VectorOf<Real>::Type;

/// Outputs whose sums stay in registers while the weights of a row's spikes are added.
template <class Real>
inline constexpr std::size_t block = 4 * lanes<Real>;

template <class Real>
constexpr std::size_t padded(std::size_t outputs) {
  return (outputs + lanes<Real> - 1) / lanes<Real> * lanes<Real>;
}

/// Sums of one row over `vectors` vectors of outputs, whose weights lie by input.
template <std::size_t vectors, class Real>
void add_up(std::span<const std::uint32_t> row, const Real* weights, Real* sums) {
  std::array<Vector<Real>, vectors> sum{};
  for (const auto i : row) {
    const Real* from = weights + i * vectors * lanes<Real>;
    for (std::size_t v = 0; v < vectors; ++v) {
      Vector<Real> weight;
      std::memcpy(&weight, from + v * lanes<Real>, sizeof weight);
      sum[v] += weight;
    }
  }
  std::memcpy(sums, &sum, sizeof sum);
}

/// The outputs [first, first + count) of every row; `by_input` holds their weights [inputs][padded].
template <std::size_t vectors, class Real>
void multiply_block(const SpikeRows& spikes, const Real* by_input, std::size_t outputs,
                    std::size_t first, std::size_t count, Real* sums) {
  std::array<Real, vectors * lanes<Real>> row_sums;
  for (std::size_t r = 0; r < spikes.rows(); ++r) {
    add_up<vectors>(spikes.row(r), by_input, row_sums.data());
    std::copy_n(row_sums.begin(), count, sums + r * outputs + first);
  }
}

}  // namespace

template <class Real>
bool SpikeRows::take(std::span<const Real> values, std::size_t rows) {
  clear();
  const std::size_t size = rows == 0 ? 0 : values.size() / rows;
  const auto most = static_cast<std::size_t>(densest * static_cast<double>(values.size()));
  neuron_.resize(most + size);
  std::size_t count = 0;
  for (std::size_t r = 0; r < rows; ++r) {
    const Real* const row = values.data() + r * size;
    for (std::size_t i = 0; i < size; i += SpikeWord::size) {
      const auto word = spike_word(row + i, std::min(SpikeWord::size, size - i));
      if (!word.is_spikes()) return give_up();
      for (auto left = word.ones; left != 0; left &= left - 1) {
        neuron_[count++] =
            static_cast<std::uint32_t>(i) + static_cast<std::uint32_t>(std::countr_zero(left));
      }
    }
    if (count > most) return give_up();
    first_.push_back(static_cast<std::uint32_t>(count));
  }
  return true;
}

bool SpikeRows::give_up() {
  clear();
  return false;
}

template <class Real>
void multiply(const SpikeRows& spikes, std::span<const Real> weights, std::size_t outputs,
              std::span<Real> sums, std::vector<Real>& scratch) {
  const std::size_t inputs = weights.size() / outputs;
  for (std::size_t first = 0; first < outputs; first += block<Real>) {
    const std::size_t count = std::min(block<Real>, outputs - first);
    const std::size_t width = padded<Real>(count);
    scratch.assign(inputs * width, Real(0));
    for (std::size_t o = 0; o < count; ++o) {
      const Real* const from = weights.data() + (first + o) * inputs;
      for (std::size_t i = 0; i < inputs; ++i) scratch[i * width + o] = from[i];
    }
    const auto of = [&]<std::size_t vectors>() {
      multiply_block<vectors>(spikes, scratch.data(), outputs, first, count, sums.data());
    };
    switch (width / lanes<Real>) {
      case 1: of.template operator()<1>(); break;
      case 2: of.template operator()<2>(); break;
      case 3: of.template operator()<3>(); break;
      default: of.template operator()<4>(); break;
    }
  }
}

template <class Real>
void add_products(const SpikeRows& spikes, std::span<const Real> errors, std::size_t outputs,
                  std::size_t stride, std::span<Real> gradient) {
  const std::size_t inputs = gradient.size() / outputs, width = padded<Real>(outputs);
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
