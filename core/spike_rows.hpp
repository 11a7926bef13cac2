#pragma once

/// Activity that is all zeros and ones, as the lists of its ones, and the products of a weight matrix
/// with it: where few neurons fire, adding up their weights takes less than multiplying all.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ranvier {

class SpikeRows {
 public:
  /// Takes the rows [rows][size] of `values`. Returns whether they are sparse spikes; if not, there
  /// are none in here: a value other than 0 and 1, or so many ones that dense products are faster.
  template <class Real>
  bool take(std::span<const Real> values, std::size_t rows);

  void clear() { first_.assign(1, 0); }

  std::size_t rows() const noexcept { return first_.size() - 1; }
  bool empty() const noexcept { return rows() == 0; }

  /// Neurons that fire in a row, ascending.
  std::span<const std::uint32_t> row(std::size_t r) const {
    return std::span(neuron_).subspan(first_[r], first_[r + 1] - first_[r]);
  }

  /// Above this share of ones products are dense; measured, see docs/learning.md.
  static constexpr double densest = 0.2;

 private:
  bool give_up();

  std::vector<std::uint32_t> first_{0};  ///< [rows + 1]
  std::vector<std::uint32_t> neuron_;    ///< of all rows; grows only
};

/// sums [rows][outputs] = spikes weights^T, for weights [outputs][inputs]; sums in the order of the
/// inputs. `scratch` is room.
template <class Real>
void multiply(const SpikeRows& spikes, std::span<const Real> weights, std::size_t outputs,
              std::span<Real> sums, std::vector<Real>& scratch);

/// gradient [outputs][inputs] += errors^T spikes, for errors [rows][outputs] whose rows begin
/// `stride` values apart; in the order of the rows.
template <class Real>
void add_products(const SpikeRows& spikes, std::span<const Real> errors, std::size_t outputs,
                  std::size_t stride, std::span<Real> gradient);

}  // namespace ranvier
