#pragma once

/// Small IDX files and temporary folders for the tests of data sets.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <unistd.h>

#include "tests/temporary_folder.hpp"

namespace ranvier::test {

using Bytes = std::vector<std::uint8_t>;

/// Sets an environment variable (or clears it, with nullptr) until the end of the scope.
class EnvironmentVariable {
 public:
  EnvironmentVariable(const char* name, const char* value) : name_(name) {
    if (const char* present = std::getenv(name)) {
      was_set_ = true;
      before_ = present;
    }
    set(value);
  }
  ~EnvironmentVariable() { set(was_set_ ? before_.c_str() : nullptr); }
  EnvironmentVariable(const EnvironmentVariable&) = delete;
  EnvironmentVariable& operator=(const EnvironmentVariable&) = delete;

 private:
  void set(const char* value) const {
    if (value == nullptr) {
      ::unsetenv(name_);
    } else {
      ::setenv(name_, value, 1);
    }
  }

  const char* name_;
  bool was_set_ = false;
  std::string before_;
};

/// The magic number, one big-endian size per dimension, then the payload.
inline Bytes idx_bytes(std::uint32_t magic, const std::vector<std::uint32_t>& sizes,
                       const Bytes& payload) {
  Bytes bytes;
  const auto append = [&bytes](std::uint32_t word) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      bytes.push_back(static_cast<std::uint8_t>(word >> shift));
    }
  };
  append(magic);
  for (const auto size : sizes) append(size);
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return bytes;
}

inline void write_plain(const std::filesystem::path& file, const Bytes& bytes) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream out(file, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
}

inline void append_little_endian(Bytes& bytes, std::uint32_t number, int count) {
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
}

/// CRC-32 bit by bit, RFC 1952 section 8.
inline std::uint32_t crc32(const Bytes& bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const auto byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320 : 0);
  }
  return ~crc;
}

/// `bytes` as one gzip member (RFC 1952) of stored blocks (RFC 1951, 3.2.4), written without zlib.
inline Bytes gzip_bytes(const Bytes& bytes) {
  Bytes packed = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};
  constexpr std::size_t longest_block = 65535;
  std::size_t begin = 0;
  do {
    const auto end = std::min(begin + longest_block, bytes.size());
    const auto length = static_cast<std::uint32_t>(end - begin);
    packed.push_back(end == bytes.size() ? 1 : 0);
    append_little_endian(packed, length, 2);
    append_little_endian(packed, ~length, 2);
    packed.insert(packed.end(), bytes.begin() + static_cast<std::ptrdiff_t>(begin),
                  bytes.begin() + static_cast<std::ptrdiff_t>(end));
    begin = end;
  } while (begin < bytes.size());
  append_little_endian(packed, crc32(bytes), 4);
  append_little_endian(packed, static_cast<std::uint32_t>(bytes.size()), 4);
  return packed;
}

inline void write_gzip(const std::filesystem::path& file, const Bytes& bytes) {
  write_plain(file, gzip_bytes(bytes));
}

inline Bytes read_bytes(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// `count` images of 28 x 28, every pixel of image i being i, and labels i modulo 10, in the four
/// files of MNIST.
inline void write_small_mnist(const std::filesystem::path& folder, std::uint8_t count) {
  constexpr std::uint32_t side = 28;
  Bytes pixels;
  Bytes labels;
  for (std::uint8_t i = 0; i < count; ++i) {
    pixels.insert(pixels.end(), std::size_t{side} * side, i);
    labels.push_back(static_cast<std::uint8_t>(i % 10));
  }
  for (const std::string part : {"train", "t10k"}) {
    write_gzip(folder / (part + "-images-idx3-ubyte.gz"),
               idx_bytes(0x803, {count, side, side}, pixels));
    write_gzip(folder / (part + "-labels-idx1-ubyte.gz"), idx_bytes(0x801, {count}, labels));
  }
}

}  // namespace ranvier::test
