#pragma once

/// A convolution of planes that are mostly zeros, as those behind spiking neurons are: each value that
/// is not zero adds the weights of the filters that see it, for all filters at once, where the product
/// of patches would multiply all.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "networks/stages/plane_window.hpp"

namespace ranvier {

/// Room for what a chunk works with.
template <class Real>
struct SparseRoom {
  std::vector<std::uint32_t> filled;  ///< places of the values that are not zero
  std::vector<Real> by_patch;         ///< [patch][width] weights, or their gradient
  std::vector<Real> by_place;         ///< [places][width] sums of the filters, or their errors
};

template <class Real>
class SparsePatches {
 public:
  /// `channels` and `filters`: of one group.
  SparsePatches(const PlaneWindow& plane, std::size_t channels, std::size_t filters);

  /// Lists the values of [channels][height][width] that are not zero. Returns whether they are few;
  /// if not, the list is of no use.
  bool take(std::span<const Real> values, std::vector<std::uint32_t>& filled) const;

  /// Makes of weights [filters][patch] those that the others read.
  void arrange(std::span<const Real> weights, SparseRoom<Real>& room) const;
  /// Writes sums [filters][places] of the values in `room.filled`, without a bias.
  void multiply(std::span<const Real> values, SparseRoom<Real>& room, std::span<Real> sums) const;

  /// Before `add_products`: no gradient yet.
  void begin_gradient(SparseRoom<Real>& room) const;
  /// Adds to the gradient in the room what errors [filters][places] and the values in `room.filled`
  /// give.
  void add_products(std::span<const Real> values, std::span<const Real> errors,
                    SparseRoom<Real>& room) const;
  /// Adds the gradient in the room to `gradient` [filters][patch].
  void end_gradient(const SparseRoom<Real>& room, std::span<Real> gradient) const;

 private:
  /// Above this share of values that are not zero the product of patches is faster; measured, see
  /// docs/learning.md.
  double densest() const { return filters_ < 16 ? 0.15 : 0.3; }

  /// An offset in the kernel and the row, or column, of places that sees a value by it.
  struct Meeting {
    std::uint32_t offset, place;
  };
  static std::vector<std::vector<Meeting>> meetings(std::size_t extent, std::size_t out,
                                                    const PlaneWindow& plane);

  /// Calls `meet(value, patch, place)` for every value in the list and every place that sees it.
  template <class Meet>
  void for_meetings(std::span<const Real> values, std::span<const std::uint32_t> filled,
                    Meet&& meet) const;

  PlaneWindow plane_;
  std::size_t patch_, filters_;
  std::size_t width_;                                 ///< filters, rounded up to whole vectors
  std::vector<std::vector<Meeting>> rows_, columns_;  ///< by row, or column, of the plane
};

}  // namespace ranvier
