#pragma once

/// Files inside an archive, packed or not: tar, zip and what else libarchive reads.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace ranvier {

/// Calls `look(path inside the archive, content)` for every regular file, in the archive's order.
/// Throws FileNotFound, or CorruptFile where the archive is damaged or cut short.
void for_each_member(
    const std::filesystem::path& archive,
    const std::function<void(const std::string&, std::vector<std::uint8_t>)>& look);

}  // namespace ranvier
