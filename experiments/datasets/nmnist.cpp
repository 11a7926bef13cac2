/// N-MNIST: the digits of MNIST seen by an event camera that moves in three saccades of 100 ms, on
/// 34 x 34 pixels with two polarities. Source: G. Orchard, A. Jayawant, G. K. Cohen, N. Thakor,
/// Front. Neurosci. 9:437 (2015).

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"
#include "experiments/datasets/dataset.hpp"
#include "experiments/datasets/files/locate.hpp"
#include "experiments/datasets/sources/event_files.hpp"

namespace ranvier {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t classes = 10;
constexpr Shape sensor{.channels = 2, .height = 34, .width = 34};

/// The recordings in `folder`, by name: the order of a folder differs from machine to machine.
std::vector<fs::path> recordings_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".bin") files.push_back(entry.path());
  }
  if (error || files.empty()) {
    throw FileNotFound(fmt::format("{}: expected a folder of recordings, one .bin file for each",
                                   folder.string()));
  }
  std::ranges::sort(files);
  return files;
}

LabelledData read_part(const fs::path& folder) {
  std::vector<EventFiles::File> files;
  for (std::size_t digit = 0; digit < classes; ++digit) {
    for (auto& path : recordings_in(folder / std::to_string(digit))) {
      files.push_back({std::move(path), static_cast<std::uint8_t>(digit)});
    }
  }
  return {"nmnist", classes, std::make_shared<EventFiles>(sensor, std::move(files))};
}

DataSplit load(const DataSetDescription& set, const DataOptions& options) {
  const auto folders = located_data(set, options.folder).paths;
  return {read_part(folders[0]), read_part(folders[1])};
}

DataSetDescription description() {
  return {
      .name = "nmnist",
      .summary = "handwritten digits seen by an event camera, 2 x 34 x 34 addresses, 10 classes",
      .licence = "CC BY-SA 4.0; G. Orchard, A. Jayawant, G. K. Cohen, N. Thakor",
      .classes = classes,
      .shape = sizes_of(sensor),
      .train_samples = 60000,
      .test_samples = 10000,
      .folder = "nmnist",
      .layouts = {{"Train", "Test"}},
      .how_to_get =
          "the authors' page, https://www.garrickorchard.com/datasets/n-mnist, offers "
          "Train.zip and Test.zip: unpack both into one of these folders",
      .load = &load,
  };
}

[[maybe_unused]] const auto& registered = add_data_set(description());

}  // namespace
}  // namespace ranvier
