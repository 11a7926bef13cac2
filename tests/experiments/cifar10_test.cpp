/// CIFAR-10's binary version.

#include <algorithm>
#include <numeric>

#include "core/error.hpp"
#include "experiments/datasets/dataset.hpp"
#include "experiments/datasets/files/fetch.hpp"
#include "experiments/datasets/split.hpp"
#include "tests/catch.hpp"
#include "tests/experiments/idx_files.hpp"
#include "tests/experiments/published_data.hpp"

using namespace ranvier;
using namespace ranvier::test;
using Catch::Matchers::Contains;

namespace {

constexpr std::size_t pixels = 3072;

/// Records whose pixel p has the value label + p, modulo 256.
Bytes records(const std::vector<std::uint8_t>& labels) {
  Bytes bytes;
  for (const auto label : labels) {
    bytes.push_back(label);
    for (std::size_t p = 0; p < pixels; ++p) {
      bytes.push_back(static_cast<std::uint8_t>(label + p));
    }
  }
  return bytes;
}

void write_batches(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  for (std::uint8_t batch = 1; batch <= 5; ++batch) {
    write_plain(folder / ("data_batch_" + std::to_string(batch) + ".bin"),
                records({batch, static_cast<std::uint8_t>(9 - batch)}));
  }
  write_gzip(folder / "test_batch.bin.gz", records({7, 0, 3}));
}

DataSplit load_from(const std::filesystem::path& folder) {
  DataOptions options;
  options.folder = folder;
  return load_data("cifar10", options);
}

}  // namespace

TEST_CASE("batches of CIFAR-10, packed or not, are images of three planes") {
  const TemporaryFolder folder;
  write_batches(folder / "cifar10");
  const auto data = load_from(folder.path());
  CHECK(std::ranges::equal(data.train.labels(), Bytes{1, 8, 2, 7, 3, 6, 4, 5, 5, 4}));
  CHECK(std::ranges::equal(data.test.labels(), Bytes{7, 0, 3}));
  CHECK(data.test.shape() == Shape{.channels = 3, .height = 32, .width = 32});
  const auto image = values_of(data.test, 0);
  for (const std::size_t p : {0UL, 1UL, 1024UL, 3071UL}) {
    CHECK(image[p] == static_cast<float>((7 + p) % 256) / 255.0F);
  }
}

TEST_CASE("the smaller files are used where the batches are not there") {
  const TemporaryFolder folder;
  write_gzip(folder / "train_10k.bin.gz", records({1, 2, 3}));
  write_gzip(folder / "test_2k.bin.gz", records({4}));
  CHECK(load_from(folder.path()).train.size() == 3);
  std::filesystem::remove(folder / "test_2k.bin.gz");
  CHECK_THROWS_AS(load_from(folder.path()), FileNotFound);
  CHECK_THROWS_WITH(load_from(folder.path()),
                    Contains("lacks test_2k.bin.gz") && Contains("kriz/cifar.html"));
}

TEST_CASE("truncated batches and labels that are no class are refused by name") {
  const TemporaryFolder folder;
  const auto file = folder / "data_batch_3.bin";
  write_batches(folder.path());
  auto bytes = records({1, 2});
  bytes.pop_back();
  write_plain(file, bytes);
  CHECK_THROWS_AS(load_from(folder.path()), CorruptFile);
  CHECK_THROWS_WITH(load_from(folder.path()),
                    Contains(file.string()) && Contains("6145 bytes; expected a whole number"));
  write_plain(file, records({1, 10}));
  CHECK_THROWS_WITH(load_from(folder.path()), Contains("record 1 has label 10; expected 0 to 9"));
  write_plain(file, {});
  CHECK_THROWS_AS(load_from(folder.path()), CorruptFile);
}

TEST_CASE("a batch whose gzip data end early or are damaged is refused") {
  const TemporaryFolder folder;
  write_batches(folder.path());
  auto packed = read_bytes(folder / "test_batch.bin.gz");
  const auto whole = packed;
  packed.resize(packed.size() / 2);
  write_plain(folder / "test_batch.bin.gz", packed);
  CHECK_THROWS_WITH(load_from(folder.path()), Contains("end early"));
  packed = whole;
  packed[packed.size() - 6] ^= 0xff;  // in the checksum
  write_plain(folder / "test_batch.bin.gz", packed);
  CHECK_THROWS_WITH(load_from(folder.path()), Contains("damaged"));
}

TEST_CASE("the subset of CIFAR-10 has its documented counts and first labels") {
  const auto options = published_data("cifar10");
  if (!options) return;
  const auto data = load_data("cifar10", *options);
  if (data.train.size() == 10000) {
    CHECK(class_counts(data.train) == std::vector<std::size_t>(10, 1000));
    CHECK(class_counts(data.test) == std::vector<std::size_t>(10, 200));
    CHECK(std::ranges::equal(data.test.labels().first(6), Bytes{2, 7, 8, 2, 6, 4}));
    const auto image = values_of(data.test, 0);
    CHECK(image[0] == 116.0F / 255.0F);
    CHECK(image[1] == 119.0F / 255.0F);
  } else {
    CHECK(class_counts(data.train) == std::vector<std::size_t>(10, 5000));
    CHECK(class_counts(data.test) == std::vector<std::size_t>(10, 1000));
    CHECK(std::ranges::equal(data.train.labels().first(10), Bytes{6, 9, 9, 4, 1, 1, 2, 7, 8, 3}));
  }
}

TEST_CASE("CIFAR-10 is not fetched from nowhere: the way to get it is told") {
  const TemporaryFolder folder;
  const EnvironmentVariable mirror("RANVIER_DATA_MIRROR", nullptr);
  FetchOptions options;
  options.destination = folder.path();
  CHECK_THROWS_AS(fetch_data("cifar10", options), Unsupported);
  CHECK_THROWS_WITH(fetch_data("cifar10", options), Contains("kriz/cifar.html"));
}
