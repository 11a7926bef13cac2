/// The UCI 8 x 8 digits, built into the library so that an experiment runs with no download.
/// Source: E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI (1998),
/// doi:10.24432/C50P49.

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"
#include "experiments/datasets/dataset.hpp"
#include "experiments/datasets/embedded.hpp"
#include "experiments/datasets/files/gzip.hpp"
#include "experiments/datasets/sources/byte_examples.hpp"
#include "experiments/datasets/split.hpp"

namespace ranvier {
namespace {

constexpr std::size_t samples = 1797;
constexpr std::size_t held_out = samples / 3;
constexpr std::size_t pixels = 64;
constexpr double brightest = 16.0;

/// The whole numbers of comma-separated lines.
std::vector<unsigned> parse_numbers(std::string_view csv) {
  std::vector<unsigned> numbers;
  const char* next = csv.data();
  const char* const end = next + csv.size();
  while (next < end) {
    unsigned number = 0;
    const auto parsed = std::from_chars(next, end, number);
    if (parsed.ec != std::errc()) break;
    numbers.push_back(number);
    next = std::find_if(parsed.ptr, end, [](char c) { return c >= '0' && c <= '9'; });
  }
  return numbers;
}

LabelledData read_digits() {
  const auto csv = unpacked({embedded::digits8x8, embedded::digits8x8 + embedded::digits8x8_size},
                            "built-in digits8x8");
  const auto numbers = parse_numbers({reinterpret_cast<const char*>(csv.data()), csv.size()});
  if (numbers.size() != samples * (pixels + 1)) {
    throw CorruptFile(fmt::format("built-in digits8x8: holds {} numbers; expected {}",
                                  numbers.size(), samples * (pixels + 1)));
  }
  std::vector<std::uint8_t> bytes;
  std::vector<std::uint8_t> labels;
  for (auto line = numbers.begin(); line != numbers.end(); line += pixels + 1) {
    for (auto pixel = line; pixel != line + pixels; ++pixel) {
      bytes.push_back(static_cast<std::uint8_t>(*pixel));
    }
    labels.push_back(static_cast<std::uint8_t>(line[pixels]));
  }
  const Shape shape{.channels = 1, .height = 8, .width = 8};
  return {"digits8x8", 10,
          std::make_shared<ByteExamples>(shape, std::move(bytes), std::move(labels), brightest)};
}

DataSplit load(const DataSetDescription&, const DataOptions& options) {
  return split_count(read_digits(), held_out, options.seed);
}

DataSetDescription description() {
  return {
      .name = "digits8x8",
      .summary =
          "handwritten digits, 8 x 8 grey levels, 10 classes; a third, drawn by the seed, "
          "held out for test",
      .licence = "CC BY 4.0; E. Alpaydin, C. Kaynak (UCI Machine Learning Repository)",
      .classes = 10,
      .shape = {8, 8},
      .train_samples = samples - held_out,
      .test_samples = held_out,
      .folder = "digits8x8",
      .load = &load,
  };
}

[[maybe_unused]] const auto& registered = add_data_set(description());

}  // namespace
}  // namespace ranvier
