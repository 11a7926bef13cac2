#pragma once

/// Dense row-major matrices over plain buffers. Products run on the calling thread: parallelism is
/// over chunks of a batch, so that sums keep their order.

#include <cstddef>
#include <span>

#ifndef EIGEN_DONT_PARALLELIZE
#define EIGEN_DONT_PARALLELIZE
#endif
// Small products, too, go through the blocked kernel: the order of sums of the other one depends on
// where a buffer lies in memory, and equal runs would differ in the last bit.
#ifndef EIGEN_GEMM_TO_COEFFBASED_THRESHOLD
#define EIGEN_GEMM_TO_COEFFBASED_THRESHOLD 1
#endif
// GCC 12 takes the undefined operands of its own AVX-512 intrinsics for mistakes (GCC bug 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <Eigen/Core>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

namespace ranvier {

template <class Real>
using RowMatrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

template <class Real>
using MatrixView = Eigen::Map<RowMatrix<Real>>;

template <class Real>
using ConstMatrixView = Eigen::Map<const RowMatrix<Real>>;

/// `buffer` seen as [rows][size / rows]; `rows` must divide its size.
template <class Real>
MatrixView<Real> matrix_view(std::span<Real> buffer, std::size_t rows) {
  return {buffer.data(), static_cast<Eigen::Index>(rows),
          static_cast<Eigen::Index>(rows == 0 ? 0 : buffer.size() / rows)};
}

template <class Real>
ConstMatrixView<Real> matrix_view(std::span<const Real> buffer, std::size_t rows) {
  return {buffer.data(), static_cast<Eigen::Index>(rows),
          static_cast<Eigen::Index>(rows == 0 ? 0 : buffer.size() / rows)};
}

/// `buffer` seen as [rows][columns], each row `stride` values after the one before.
template <class Real>
auto matrix_view(std::span<const Real> buffer, std::size_t rows, std::size_t columns,
                 std::size_t stride) {
  return Eigen::Map<const RowMatrix<Real>, Eigen::Unaligned, Eigen::OuterStride<>>(
      buffer.data(), static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns),
      Eigen::OuterStride<>(static_cast<Eigen::Index>(stride)));
}

}  // namespace ranvier
