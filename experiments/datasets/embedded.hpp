#pragma once

/// Files that the build puts into the library (cmake/EmbedFile.cmake), byte for byte.

#include <cstddef>

namespace ranvier::embedded {

extern const unsigned char digits8x8[];  ///< digits8x8/digits.csv.gz
extern const std::size_t digits8x8_size;

}  // namespace ranvier::embedded
