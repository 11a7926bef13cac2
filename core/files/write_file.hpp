#pragma once

/// Files that are there whole or not at all.

#include <filesystem>
#include <span>
#include <string_view>

namespace ranvier {

/// Writes `bytes` under a temporary name beside `file`, forces them to the disk and renames: a
/// reader sees the earlier content or the new one, never a part. Throws OutputError with the
/// system's reason (no permission, disk full); the earlier content is then untouched.
void write_file(const std::filesystem::path& file, std::span<const std::byte> bytes);
void write_file(const std::filesystem::path& file, std::string_view text);

}  // namespace ranvier
