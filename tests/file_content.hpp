#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace ranvier::test {

/// All bytes of a file; none where it cannot be read.
inline std::string content_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace ranvier::test
