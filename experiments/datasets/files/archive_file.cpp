#include "experiments/datasets/files/archive_file.hpp"

#include <array>
#include <memory>
#include <new>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include "core/error.hpp"

namespace ranvier {
namespace {

using Reader = std::unique_ptr<archive, decltype(&archive_read_free)>;

[[noreturn]] void refuse(const std::filesystem::path& file, archive* reader) {
  const char* reason = archive_error_string(reader);
  throw CorruptFile(fmt::format("{}: the archive is damaged or truncated ({})", file.string(),
                                reason == nullptr ? "unknown reason" : reason));
}

Reader opened(const std::filesystem::path& file) {
  if (!std::filesystem::is_regular_file(file)) {
    throw FileNotFound(fmt::format("{}: no such file", file.string()));
  }
  Reader reader(archive_read_new(), &archive_read_free);
  if (!reader) throw std::bad_alloc();
  archive_read_support_filter_all(reader.get());
  archive_read_support_format_all(reader.get());
  constexpr std::size_t block = 65536;
  if (archive_read_open_filename(reader.get(), file.c_str(), block) != ARCHIVE_OK) {
    refuse(file, reader.get());
  }
  return reader;
}

std::vector<std::uint8_t> content_of(archive* reader, const std::filesystem::path& file) {
  std::vector<std::uint8_t> bytes;
  std::array<std::uint8_t, 65536> part{};
  for (;;) {
    const auto read = archive_read_data(reader, part.data(), part.size());
    if (read < 0) refuse(file, reader);
    if (read == 0) return bytes;
    bytes.insert(bytes.end(), part.begin(), part.begin() + read);
  }
}

}  // namespace

void for_each_member(
    const std::filesystem::path& file,
    const std::function<void(const std::string&, std::vector<std::uint8_t>)>& look) {
  const auto reader = opened(file);
  for (;;) {
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(reader.get(), &entry);
    if (status == ARCHIVE_EOF) return;
    if (status != ARCHIVE_OK) refuse(file, reader.get());
    if (archive_entry_filetype(entry) != AE_IFREG) continue;
    const std::string name = archive_entry_pathname(entry);
    look(name, content_of(reader.get(), file));
  }
}

}  // namespace ranvier
