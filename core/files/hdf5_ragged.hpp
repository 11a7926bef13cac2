#pragma once

/// Arrays of HDF5 whose items are lists of different lengths, read one item at a time.

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/files/hdf5.hpp"

namespace ranvier::hdf5 {

/// One such array of a file that stays open. The library is not asked by two threads at once: reads
/// of all ragged arrays take turns.
class RaggedArray {
 public:
  /// Throws FileNotFound, or CorruptFile where the file is not HDF5 or holds no one-dimensional
  /// array of lists of numbers of that name.
  RaggedArray(const std::filesystem::path& file, std::string_view name);

  std::size_t size() const noexcept { return size_; }

  /// Replaces `to` by list `i`, converted as HDF5 does. T is float, double or std::uint32_t. Throws
  /// CorruptFile where it cannot be read.
  template <class T>
  void read(std::size_t i, std::vector<T>& to) const;

 private:
  std::filesystem::path path_;
  std::string name_;
  Handle file_, set_;
  std::size_t size_ = 0;
};

}  // namespace ranvier::hdf5
