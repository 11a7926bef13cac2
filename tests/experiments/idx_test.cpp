#include "experiments/datasets/idx.hpp"

#include "core/error.hpp"
#include "tests/catch.hpp"
#include "tests/experiments/idx_files.hpp"

using namespace ranvier;
using namespace ranvier::test;
using Catch::Matchers::Contains;

namespace {

const Bytes six_pixels = {0, 51, 102, 153, 204, 255};
const Bytes one_image = idx_bytes(0x803, {1, 2, 3}, six_pixels);

}  // namespace

TEST_CASE("an IDX array is read as written, packed or plain") {
  const TemporaryFolder folder;
  write_plain(folder / "plain", one_image);
  write_gzip(folder / "packed.gz", one_image);
  for (const auto* name : {"plain", "packed.gz"}) {
    const auto array = read_idx(folder / name, 3);
    CHECK(array.shape == std::vector<std::size_t>{1, 2, 3});
    CHECK(array.values == six_pixels);
  }
}

TEST_CASE("a packed IDX file larger than one chunk of the unpacker arrives whole") {
  const TemporaryFolder folder;
  Bytes payload(1'000'003);
  std::uint32_t state = 1;
  for (auto& byte : payload) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<std::uint8_t>(state >> 24);
  }
  write_gzip(folder / "large.gz", idx_bytes(0x801, {1'000'003}, payload));
  CHECK(read_idx(folder / "large.gz", 1).values == payload);
}

TEST_CASE("gzip members in a row are one file") {
  const TemporaryFolder folder;
  write_gzip(folder / "head.gz", {one_image.begin(), one_image.begin() + 10});
  write_gzip(folder / "tail.gz", {one_image.begin() + 10, one_image.end()});
  auto both = read_bytes(folder / "head.gz");
  const auto tail = read_bytes(folder / "tail.gz");
  both.insert(both.end(), tail.begin(), tail.end());
  write_plain(folder / "both.gz", both);
  CHECK(read_idx(folder / "both.gz", 3).values == six_pixels);
}

TEST_CASE("grey levels are scaled by 255") {
  const TemporaryFolder folder;
  write_plain(folder / "images", one_image);
  write_plain(folder / "labels", idx_bytes(0x801, {1}, {7}));
  const auto data = read_idx_images(folder / "images", folder / "labels", "six pixels", 10);
  CHECK(data.size() == 1);
  CHECK(sizes_of(data.shape()) == std::vector<std::size_t>{2, 3});
  CHECK(data.label(0) == 7);
  const std::vector<float> expected = {0.0F, 0.2F, 0.4F, 0.6F, 0.8F, 1.0F};
  const auto sample = values_of(data, 0);
  for (std::size_t p = 0; p < 6; ++p) CHECK(sample[p] == Approx(expected[p]).epsilon(1e-7));
}

TEST_CASE("a missing IDX file is refused by name") {
  const TemporaryFolder folder;
  CHECK_THROWS_AS(read_idx(folder / "absent", 1), FileNotFound);
  CHECK_THROWS_WITH(read_idx(folder / "absent", 1), Contains("absent: no such file"));
  CHECK_THROWS_AS(read_idx(folder.path(), 1), FileNotFound);
  CHECK_THROWS_WITH(read_idx(folder.path(), 1), Contains("expected a file"));
}

TEST_CASE("a truncated gzip file is refused wherever it was cut") {
  const TemporaryFolder folder;
  write_gzip(folder / "whole.gz", one_image);
  const auto whole = read_bytes(folder / "whole.gz");
  for (std::size_t length = 2; length < whole.size(); ++length) {
    write_plain(folder / "cut.gz",
                {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)});
    CHECK_THROWS_AS(read_idx(folder / "cut.gz", 3), CorruptFile);
    CHECK_THROWS_WITH(read_idx(folder / "cut.gz", 3), Contains("cut.gz") && Contains("truncated"));
  }
}

TEST_CASE("a gzip file whose checksum does not fit is refused") {
  const TemporaryFolder folder;
  write_gzip(folder / "damaged.gz", one_image);
  auto bytes = read_bytes(folder / "damaged.gz");
  bytes[bytes.size() - 8] ^= 1;  // RFC 1952: the last eight bytes are CRC32 and length
  write_plain(folder / "damaged.gz", bytes);
  CHECK_THROWS_AS(read_idx(folder / "damaged.gz", 3), CorruptFile);
  CHECK_THROWS_WITH(read_idx(folder / "damaged.gz", 3),
                    Contains("damaged.gz") && Contains("incorrect data check"));
}

TEST_CASE("bytes behind the end of the gzip data are refused") {
  const TemporaryFolder folder;
  write_gzip(folder / "tail.gz", one_image);
  auto bytes = read_bytes(folder / "tail.gz");
  bytes.insert(bytes.end(), {1, 2, 3});
  write_plain(folder / "tail.gz", bytes);
  CHECK_THROWS_AS(read_idx(folder / "tail.gz", 3), CorruptFile);
  CHECK_THROWS_WITH(read_idx(folder / "tail.gz", 3), Contains("3 bytes follow"));
}

TEST_CASE("a magic number of something else is named beside the expected one") {
  const TemporaryFolder folder;
  write_plain(folder / "png", idx_bytes(0x89504e47, {1, 2, 3}, six_pixels));
  CHECK_THROWS_AS(read_idx(folder / "png", 3), CorruptFile);
  CHECK_THROWS_WITH(read_idx(folder / "png", 3),
                    Contains("2303741511 (0x89504e47, not an IDX file)") &&
                        Contains("expected 2051 (0x00000803, unsigned bytes in 3 dimensions)"));
}

TEST_CASE("an IDX file of another type or dimension count is refused") {
  const TemporaryFolder folder;
  write_plain(folder / "reals", idx_bytes(0xd03, {1, 2, 3}, Bytes(24)));
  CHECK_THROWS_WITH(read_idx(folder / "reals", 3), Contains("32-bit reals in 3 dimensions"));
  write_plain(folder / "labels", idx_bytes(0x801, {6}, six_pixels));
  CHECK_THROWS_AS(read_idx(folder / "labels", 3), CorruptFile);
  CHECK_THROWS_WITH(read_idx(folder / "labels", 3), Contains("unsigned bytes in 1 dimension)"));
}

TEST_CASE("an IDX file that ends inside its header is refused") {
  const TemporaryFolder folder;
  for (std::ptrdiff_t length = 0; length < 16; ++length) {
    write_plain(folder / "header", {one_image.begin(), one_image.begin() + length});
    CHECK_THROWS_AS(read_idx(folder / "header", 3), CorruptFile);
    CHECK_THROWS_WITH(read_idx(folder / "header", 3), Contains("expected at least 16 bytes"));
  }
}

TEST_CASE("a payload that is not what the sizes announce is refused") {
  const TemporaryFolder folder;
  write_plain(folder / "short", idx_bytes(0x803, {2, 2, 3}, six_pixels));
  CHECK_THROWS_AS(read_idx(folder / "short", 3), CorruptFile);
  CHECK_THROWS_WITH(read_idx(folder / "short", 3),
                    Contains("too short, 6 bytes") && Contains("expected 12 (2 x 2 x 3)"));
  write_plain(folder / "long", idx_bytes(0x803, {1, 1, 3}, six_pixels));
  CHECK_THROWS_AS(read_idx(folder / "long", 3), CorruptFile);
  CHECK_THROWS_WITH(read_idx(folder / "long", 3), Contains("too long, 6 bytes"));
}

TEST_CASE("sizes whose product overflows are refused, not allocated") {
  const TemporaryFolder folder;
  write_plain(folder / "huge", idx_bytes(0x803, {0xffffffff, 0xffffffff, 0xffffffff}, six_pixels));
  CHECK_THROWS_AS(read_idx(folder / "huge", 3), CorruptFile);
  CHECK_THROWS_WITH(read_idx(folder / "huge", 3), Contains("too short"));
}

TEST_CASE("labels and images of different length are refused") {
  const TemporaryFolder folder;
  write_plain(folder / "images", one_image);
  write_plain(folder / "labels", idx_bytes(0x801, {2}, {0, 1}));
  const auto load = [&] { return read_idx_images(folder / "images", folder / "labels", "", 10); };
  CHECK_THROWS_AS(load(), CorruptFile);
  CHECK_THROWS_WITH(load(), Contains("labels holds 2 labels; expected 1"));
}

TEST_CASE("a label outside the classes is refused with its place") {
  const TemporaryFolder folder;
  write_plain(folder / "images", idx_bytes(0x803, {2, 1, 3}, six_pixels));
  write_plain(folder / "labels", idx_bytes(0x801, {2}, {9, 10}));
  const auto load = [&] { return read_idx_images(folder / "images", folder / "labels", "", 10); };
  CHECK_THROWS_AS(load(), CorruptFile);
  CHECK_THROWS_WITH(load(), Contains("labels: label 1 is 10; expected 0 to 9"));
}

TEST_CASE("an IDX pair without samples is refused") {
  const TemporaryFolder folder;
  write_plain(folder / "images", idx_bytes(0x803, {0, 28, 28}, {}));
  write_plain(folder / "labels", idx_bytes(0x801, {0}, {}));
  CHECK_THROWS_AS(read_idx_images(folder / "images", folder / "labels", "", 10), CorruptFile);
}
