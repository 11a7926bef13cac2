#include "experiments/datasets/idx.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/error.hpp"
#include "experiments/datasets/files/gzip.hpp"
#include "experiments/datasets/sources/byte_examples.hpp"

namespace ranvier {
namespace {

constexpr std::size_t word_size = 4;
constexpr std::uint32_t unsigned_bytes = 0x08;

std::uint32_t big_endian(std::span<const std::uint8_t> bytes) {
  return (std::uint32_t{bytes[0]} << 24) | (std::uint32_t{bytes[1]} << 16) |
         (std::uint32_t{bytes[2]} << 8) | std::uint32_t{bytes[3]};
}

std::string_view type_name(std::uint32_t type) {
  switch (type) {
    case 0x08: return "unsigned bytes";
    case 0x09: return "signed bytes";
    case 0x0b: return "16-bit integers";
    case 0x0c: return "32-bit integers";
    case 0x0d: return "32-bit reals";
    case 0x0e: return "64-bit reals";
    default: return "";
  }
}

/// What a magic number says, for the reader of an error message.
std::string meaning(std::uint32_t magic) {
  const auto type = type_name(magic >> 8);
  if (type.empty()) return "not an IDX file";
  const auto dimensions = magic & 0xff;
  return fmt::format("{} in {} dimension{}", type, dimensions, dimensions == 1 ? "" : "s");
}

void check_magic(std::uint32_t found, std::size_t dimensions, const std::string& where) {
  const auto expected = (unsigned_bytes << 8) | static_cast<std::uint32_t>(dimensions);
  if (found == expected) return;
  throw CorruptFile(fmt::format("{}: magic number is {} (0x{:08x}, {}); expected {} (0x{:08x}, {})",
                                where, found, found, meaning(found), expected, expected,
                                meaning(expected)));
}

/// The product of the sizes, or the largest number where it does not fit.
std::uint64_t announced_bytes(std::span<const std::size_t> shape) {
  if (std::ranges::find(shape, std::size_t{0}) != shape.end()) return 0;
  std::uint64_t product = 1;
  for (const auto size : shape) {
    if (product > std::numeric_limits<std::uint64_t>::max() / size) {
      return std::numeric_limits<std::uint64_t>::max();
    }
    product *= size;
  }
  return product;
}

void check_labels(const IdxArray& labels, std::size_t classes, const std::string& where) {
  const auto wrong = std::ranges::find_if(
      labels.values, [classes](std::uint8_t label) { return label >= classes; });
  if (wrong == labels.values.end()) return;
  throw CorruptFile(fmt::format("{}: label {} is {}; expected 0 to {}", where,
                                wrong - labels.values.begin(), *wrong, classes - 1));
}

}  // namespace

IdxArray read_idx(const std::filesystem::path& file, std::size_t dimensions) {
  const auto where = file.string();
  auto content = read_unpacked(file);
  const std::span<const std::uint8_t> bytes(content);
  const auto header_size = word_size * (1 + dimensions);
  if (bytes.size() >= word_size) check_magic(big_endian(bytes), dimensions, where);
  if (bytes.size() < header_size) {
    throw CorruptFile(
        fmt::format("{}: the file ends after {} bytes, inside its header; expected "
                    "at least {} bytes",
                    where, bytes.size(), header_size));
  }

  IdxArray array;
  for (std::size_t d = 0; d < dimensions; ++d) {
    array.shape.push_back(big_endian(bytes.subspan(word_size * (1 + d))));
  }
  const auto expected = announced_bytes(array.shape);
  const auto found = bytes.size() - header_size;
  if (found != expected) {
    throw CorruptFile(fmt::format("{}: too {}, {} bytes follow the header; expected {} ({})", where,
                                  found < expected ? "short" : "long", found, expected,
                                  fmt::join(array.shape, " x ")));
  }
  content.erase(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(header_size));
  array.values = std::move(content);
  return array;
}

LabelledData read_idx_images(const std::filesystem::path& images,
                             const std::filesystem::path& labels, std::string name,
                             std::size_t classes) {
  auto pixels = read_idx(images, 3);
  auto classified = read_idx(labels, 1);
  if (pixels.shape[0] != classified.shape[0]) {
    throw CorruptFile(fmt::format("{} holds {} labels; expected {}, one for each image of {}",
                                  labels.string(), classified.shape[0], pixels.shape[0],
                                  images.string()));
  }
  if (pixels.values.empty()) {
    throw CorruptFile(fmt::format("{}: holds no pixels ({}); expected at least one image",
                                  images.string(), fmt::join(pixels.shape, " x ")));
  }
  check_labels(classified, classes, labels.string());
  const Shape shape{.channels = 1, .height = pixels.shape[1], .width = pixels.shape[2]};
  return {std::move(name), classes,
          std::make_shared<ByteExamples>(shape, std::move(pixels.values),
                                         std::move(classified.values))};
}

}  // namespace ranvier
