#pragma once

/// IDX, the array format of MNIST: a big-endian magic number (two zero bytes, a type byte, the
/// number of dimensions), one 32-bit size per dimension, then the values, the last dimension
/// running fastest. Source: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of
/// handwritten digits" (1998).

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "experiments/datasets/dataset.hpp"

namespace ranvier {

/// An array of unsigned bytes, row-major.
struct IdxArray {
  std::vector<std::size_t> shape;
  std::vector<std::uint8_t> values;
};

/// Reads a plain or gzip file of unsigned bytes with `dimensions` dimensions. Throws FileNotFound,
/// or CorruptFile for damaged gzip data, another magic number, or a payload that is not what the
/// sizes announce.
IdxArray read_idx(const std::filesystem::path& file, std::size_t dimensions);

/// Images (samples x rows x columns, 0 to 255, the byte 255 the value 1) and their labels. Besides what
/// read_idx throws, CorruptFile where there are no samples, the two files differ in length or a
/// label is not below `classes`.
LabelledData read_idx_images(const std::filesystem::path& images,
                             const std::filesystem::path& labels, std::string name,
                             std::size_t classes);

}  // namespace ranvier
