#include "experiments/datasets/files/gzip.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <new>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <zlib.h>

#include "core/error.hpp"

namespace ranvier {
namespace {

using Bytes = std::vector<std::uint8_t>;

bool begins_gzip(std::span<const std::uint8_t> bytes) {
  return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

/// zlib's stream over gzip members in memory.
class GzipReader {
 public:
  GzipReader(std::span<const std::uint8_t> packed, std::string_view where)
      : rest_(packed), where_(where) {
    constexpr int largest_window = 15;
    constexpr int expect_gzip = 16;
    if (inflateInit2(&stream_, largest_window + expect_gzip) != Z_OK) throw std::bad_alloc();
  }
  ~GzipReader() { inflateEnd(&stream_); }
  GzipReader(const GzipReader&) = delete;
  GzipReader& operator=(const GzipReader&) = delete;

  Bytes read_all() {
    Bytes content;
    Bytes chunk(std::size_t{1} << 18);
    for (;;) {
      feed();
      stream_.next_out = chunk.data();
      stream_.avail_out = static_cast<uInt>(chunk.size());
      const int status = inflate(&stream_, Z_NO_FLUSH);
      content.insert(content.end(), chunk.data(), stream_.next_out);
      if (status == Z_STREAM_END) {
        if (!another_member()) return content;
      } else if (status != Z_OK) {
        refuse(status);
      }
    }
  }

 private:
  /// zlib counts its input in 32 bits, so a large file goes in by pieces.
  void feed() {
    if (stream_.avail_in != 0) return;
    const auto piece =
        std::min<std::size_t>(rest_.size(), std::numeric_limits<std::int32_t>::max());
    stream_.next_in = const_cast<Bytef*>(rest_.data());
    stream_.avail_in = static_cast<uInt>(piece);
    rest_ = rest_.subspan(piece);
  }

  bool another_member() {
    feed();
    if (stream_.avail_in == 0) return false;
    if (!begins_gzip({stream_.next_in, stream_.avail_in})) {
      throw CorruptFile(fmt::format("{}: {} bytes follow the end of the gzip data; expected none",
                                    where_, stream_.avail_in + rest_.size()));
    }
    inflateReset(&stream_);
    return true;
  }

  [[noreturn]] void refuse(int status) const {
    if (status == Z_BUF_ERROR) {
      throw CorruptFile(fmt::format("{}: the gzip data end early; the file is truncated", where_));
    }
    throw CorruptFile(fmt::format("{}: the gzip data are damaged ({})", where_,
                                  stream_.msg != nullptr ? stream_.msg : "unknown zlib error"));
  }

  z_stream stream_{};
  std::span<const std::uint8_t> rest_;
  std::string_view where_;
};

Bytes read_file(const std::filesystem::path& file) {
  std::error_code unknown;
  if (!std::filesystem::exists(file, unknown)) {
    throw FileNotFound(fmt::format("{}: no such file", file.string()));
  }
  if (!std::filesystem::is_regular_file(file, unknown)) {
    throw FileNotFound(
        fmt::format("{}: this is a folder or device; expected a file", file.string()));
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    throw FileNotFound(
        fmt::format("{}: cannot be opened for reading ({})", file.string(), std::strerror(errno)));
  }
  Bytes bytes(std::filesystem::file_size(file, unknown));
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (in.gcount() != static_cast<std::streamsize>(bytes.size())) {
    throw FileNotFound(fmt::format("{}: reading failed after {} of {} bytes", file.string(),
                                   in.gcount(), bytes.size()));
  }
  return bytes;
}

}  // namespace

Bytes unpacked(Bytes bytes, std::string_view where) {
  if (!begins_gzip(bytes)) return bytes;
  return GzipReader(bytes, where).read_all();
}

Bytes read_unpacked(const std::filesystem::path& file) {
  return unpacked(read_file(file), file.string());
}

}  // namespace ranvier
