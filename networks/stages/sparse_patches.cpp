#include "networks/stages/sparse_patches.hpp"

#include <algorithm>
#include <bit>

#include "core/spike_bits.hpp"

namespace ranvier {
namespace {

/// Filters that are added to at once.
constexpr std::size_t block = 8;

/// to += factor from, for whole blocks.
template <class Real>
void add_scaled(const Real* __restrict from, Real factor, std::size_t width, Real* __restrict to) {
  for (std::size_t first = 0; first < width; first += block) {
    for (std::size_t k = 0; k < block; ++k) to[first + k] += factor * from[first + k];
  }
}

}  // namespace

template <class Real>
SparsePatches<Real>::SparsePatches(const PlaneWindow& plane, std::size_t channels,
                                   std::size_t filters)
    : plane_(plane),
      patch_(channels * plane.kernel * plane.kernel),
      filters_(filters),
      width_((filters + block - 1) / block * block),
      rows_(meetings(plane.height, plane.out_height, plane)),
      columns_(meetings(plane.width, plane.out_width, plane)) {}

template <class Real>
std::vector<std::vector<typename SparsePatches<Real>::Meeting>> SparsePatches<Real>::meetings(
    std::size_t extent, std::size_t out, const PlaneWindow& plane) {
  std::vector<std::vector<Meeting>> met(extent);
  for (std::size_t offset = 0; offset < plane.kernel; ++offset) {
    const auto [first, last] = plane.on_plane(offset, extent, out);
    for (std::size_t place = first; place < last; ++place) {
      met[place * plane.stride + offset - plane.padding].push_back(
          {static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(place)});
    }
  }
  return met;
}

template <class Real>
bool SparsePatches<Real>::take(std::span<const Real> values,
                               std::vector<std::uint32_t>& filled) const {
  const auto most = static_cast<std::size_t>(densest() * static_cast<double>(values.size()));
  filled.resize(most + SpikeWord::size);
  std::size_t count = 0;
  for (std::size_t first = 0; first < values.size(); first += SpikeWord::size) {
    const auto word =
        spike_word(values.data() + first, std::min(SpikeWord::size, values.size() - first));
    for (auto left = word.filled; left != 0; left &= left - 1) {
      filled[count++] =
          static_cast<std::uint32_t>(first) + static_cast<std::uint32_t>(std::countr_zero(left));
    }
    if (count > most) return false;
  }
  filled.resize(count);
  return true;
}

template <class Real>
void SparsePatches<Real>::arrange(std::span<const Real> weights, SparseRoom<Real>& room) const {
  room.by_patch.assign(patch_ * width_, Real(0));
  for (std::size_t f = 0; f < filters_; ++f) {
    for (std::size_t e = 0; e < patch_; ++e) {
      room.by_patch[e * width_ + f] = weights[f * patch_ + e];
    }
  }
}

template <class Real>
template <class Meet>
void SparsePatches<Real>::for_meetings(std::span<const Real> values,
                                       std::span<const std::uint32_t> filled, Meet&& meet) const {
  const auto area = static_cast<std::uint32_t>(plane_.height * plane_.width);
  const auto width = static_cast<std::uint32_t>(plane_.width);
  const auto square = plane_.kernel * plane_.kernel;
  std::size_t first_of_channel = 0;  // in the patch
  std::uint32_t channel_begin = 0;
  for (const auto at : filled) {
    while (at - channel_begin >= area) {
      channel_begin += area;
      first_of_channel += square;
    }
    const auto y = (at - channel_begin) / width, x = (at - channel_begin) % width;
    const Real value = values[at];
    for (const auto& row : rows_[y]) {
      for (const auto& column : columns_[x]) {
        meet(value, first_of_channel + row.offset * plane_.kernel + column.offset,
             row.place * plane_.out_width + column.place);
      }
    }
  }
}

template <class Real>
void SparsePatches<Real>::multiply(std::span<const Real> values, SparseRoom<Real>& room,
                                   std::span<Real> sums) const {
  const std::size_t places = plane_.places();
  room.by_place.assign(places * width_, Real(0));
  for_meetings(values, room.filled, [&](Real value, std::size_t patch, std::size_t place) {
    add_scaled(room.by_patch.data() + patch * width_, value, width_,
               room.by_place.data() + place * width_);
  });
  for (std::size_t f = 0; f < filters_; ++f) {
    for (std::size_t p = 0; p < places; ++p) sums[f * places + p] = room.by_place[p * width_ + f];
  }
}

template <class Real>
void SparsePatches<Real>::begin_gradient(SparseRoom<Real>& room) const {
  room.by_patch.assign(patch_ * width_, Real(0));
}

template <class Real>
void SparsePatches<Real>::add_products(std::span<const Real> values, std::span<const Real> errors,
                                       SparseRoom<Real>& room) const {
  const std::size_t places = plane_.places();
  room.by_place.assign(places * width_, Real(0));
  for (std::size_t f = 0; f < filters_; ++f) {
    for (std::size_t p = 0; p < places; ++p) room.by_place[p * width_ + f] = errors[f * places + p];
  }
  for_meetings(values, room.filled, [&](Real value, std::size_t patch, std::size_t place) {
    add_scaled(room.by_place.data() + place * width_, value, width_,
               room.by_patch.data() + patch * width_);
  });
}

template <class Real>
void SparsePatches<Real>::end_gradient(const SparseRoom<Real>& room,
                                       std::span<Real> gradient) const {
  for (std::size_t f = 0; f < filters_; ++f) {
    for (std::size_t e = 0; e < patch_; ++e) {
      gradient[f * patch_ + e] += room.by_patch[e * width_ + f];
    }
  }
}

template class SparsePatches<float>;
template class SparsePatches<double>;

}  // namespace ranvier
