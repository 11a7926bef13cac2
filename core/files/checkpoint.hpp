#pragma once

/// Checkpoints on disk: an Archive as an HDF5 file.

#include <filesystem>

#include "core/archive.hpp"

namespace ranvier {

/// Writes the archive under a temporary name, forces it to the disk and renames it, so that `file`
/// always holds a whole checkpoint, the earlier or the new one. Throws OutputError.
void write_checkpoint(const std::filesystem::path& file, const Archive& archive);

/// Throws FileNotFound, or CorruptFile for a file that is truncated, damaged or not a checkpoint.
Archive read_checkpoint(const std::filesystem::path& file);

}  // namespace ranvier
