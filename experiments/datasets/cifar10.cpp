/// CIFAR-10: 32 x 32 colour images, 10 classes, in the binary version: records of one label byte and
/// 3072 bytes, the red plane, the green, the blue, each row by row. Source: A. Krizhevsky, "Learning
/// Multiple Layers of Features from Tiny Images" (2009).

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"
#include "experiments/datasets/dataset.hpp"
#include "experiments/datasets/files/gzip.hpp"
#include "experiments/datasets/files/locate.hpp"
#include "experiments/datasets/sources/byte_examples.hpp"

namespace ranvier {
namespace {

constexpr std::size_t classes = 10;
constexpr Shape image{.channels = 3, .height = 32, .width = 32};
constexpr std::size_t image_bytes = std::size_t{3} * 32 * 32;
constexpr std::size_t record_bytes = 1 + image_bytes;

struct Records {
  std::vector<std::uint8_t> pixels;
  std::vector<std::uint8_t> labels;
};

void append(const std::filesystem::path& file, Records& records) {
  const auto bytes = read_unpacked(file);
  if (bytes.empty() || bytes.size() % record_bytes != 0) {
    throw CorruptFile(fmt::format(
        "{}: {} bytes; expected a whole number of records of {} bytes, a label and 3 x 32 x 32 "
        "values; the file is truncated or not of CIFAR-10's binary version",
        file.string(), bytes.size(), record_bytes));
  }
  for (std::size_t r = 0; r < bytes.size() / record_bytes; ++r) {
    const auto record = std::span(bytes).subspan(r * record_bytes, record_bytes);
    if (record[0] >= classes) {
      throw CorruptFile(fmt::format("{}: record {} has label {}; expected 0 to {}", file.string(),
                                    r, record[0], classes - 1));
    }
    records.labels.push_back(record[0]);
    records.pixels.insert(records.pixels.end(), record.begin() + 1, record.end());
  }
}

LabelledData read_part(std::span<const std::filesystem::path> files) {
  Records records;
  for (const auto& file : files) append(file, records);
  return {
      "cifar10", classes,
      std::make_shared<ByteExamples>(image, std::move(records.pixels), std::move(records.labels))};
}

/// The last file of either layout is the test part.
DataSplit load(const DataSetDescription& set, const DataOptions& options) {
  const auto files = located_data(set, options.folder).paths;
  return {read_part(std::span(files).first(files.size() - 1)), read_part(std::span(files).last(1))};
}

DataSetDescription description() {
  return {
      .name = "cifar10",
      .summary = "photographs of things and animals, 32 x 32 colours, 10 classes",
      .licence = "none stated, for research with a request to cite; A. Krizhevsky",
      .classes = classes,
      .shape = sizes_of(image),
      .train_samples = 50000,
      .test_samples = 10000,
      .folder = "cifar10",
      .files = {{"train_10k.bin.gz",
                 "75538f639154419cc67aba3b388387ea6effd87e970211cbdbaaa7b2448cba61",
                 {10000, record_bytes}},
                {"test_2k.bin.gz",
                 "817343f59a4adea6ff45eaa87dce089e1965bc710aefce797482c8be860a59eb",
                 {2000, record_bytes}}},
      .layouts = {{"data_batch_1.bin.gz", "data_batch_2.bin.gz", "data_batch_3.bin.gz",
                   "data_batch_4.bin.gz", "data_batch_5.bin.gz", "test_batch.bin.gz"},
                  {"train_10k.bin.gz", "test_2k.bin.gz"}},
      .how_to_get =
          "the author's page, https://www.cs.toronto.edu/~kriz/cifar.html, offers the "
          "binary version: put its data_batch_1.bin to data_batch_5.bin and "
          "test_batch.bin into one of these folders",
      .load = &load,
  };
}

[[maybe_unused]] const auto& registered = add_data_set(description());

}  // namespace
}  // namespace ranvier
