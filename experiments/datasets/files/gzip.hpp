#pragma once

/// Whole files in memory, unpacked where they are gzip (RFC 1952).

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace ranvier {

/// `bytes` as they are, or unpacked where they begin with gzip's two magic bytes. Throws
/// CorruptFile, naming `where`, for gzip data that end early, fail their checksum or are followed
/// by other bytes.
std::vector<std::uint8_t> unpacked(std::vector<std::uint8_t> bytes, std::string_view where);

/// The unpacked content of `file`. Throws FileNotFound where it cannot be opened or read,
/// CorruptFile where its gzip data are damaged.
std::vector<std::uint8_t> read_unpacked(const std::filesystem::path& file);

}  // namespace ranvier
