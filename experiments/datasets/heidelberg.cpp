/// SHD and SSC, the spiking Heidelberg digits and speech commands: spoken words as spikes of a model
/// of the inner ear, 700 channels. Source: B. Cramer, Y. Stradmann, J. Schemmel, F. Zenke, IEEE
/// Trans. Neural Netw. Learn. Syst. 33:2744 (2022).

#include <memory>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "experiments/datasets/dataset.hpp"
#include "experiments/datasets/files/locate.hpp"
#include "experiments/datasets/sources/spike_file.hpp"

namespace ranvier {
namespace {

constexpr std::size_t channels = 700;

LabelledData read_part(const DataSetDescription& set, const std::filesystem::path& file) {
  return {set.name, set.classes, std::make_shared<SpikeFile>(file, channels, set.classes)};
}

/// The first file of a layout trains, the second tests.
DataSplit load(const DataSetDescription& set, const DataOptions& options) {
  const auto files = located_data(set, options.folder).paths;
  return {read_part(set, files[0]), read_part(set, files[1])};
}

std::string how_to_get(std::string_view name) {
  return fmt::format(
      "the authors' page, https://zenkelab.org/datasets, offers the files packed: unpack "
      "{0}_train.h5 and {0}_test.h5 into one of these folders",
      name);
}

DataSetDescription shd() {
  return {
      .name = "shd",
      .summary = "spoken digits in English and German as cochlear spikes, 700 channels, 20 classes",
      .licence = "CC BY 4.0; B. Cramer, Y. Stradmann, J. Schemmel, F. Zenke",
      .classes = 20,
      .shape = {channels},
      .train_samples = 8156,
      .test_samples = 2264,
      .folder = "shd",
      .layouts = {{"shd_train.h5", "shd_test.h5"}},
      .how_to_get = how_to_get("shd"),
      .load = &load,
  };
}

DataSetDescription ssc() {
  return {
      .name = "ssc",
      .summary = "spoken commands as cochlear spikes, 700 channels, 35 classes",
      .licence = "CC BY 4.0; B. Cramer, Y. Stradmann, J. Schemmel, F. Zenke",
      .classes = 35,
      .shape = {channels},
      .train_samples = 75466,
      .test_samples = 20382,
      .folder = "ssc",
      .layouts = {{"ssc_train.h5", "ssc_test.h5"}},
      .how_to_get = how_to_get("ssc"),
      .load = &load,
  };
}

[[maybe_unused]] const auto& registered_shd = add_data_set(shd());
[[maybe_unused]] const auto& registered_ssc = add_data_set(ssc());

}  // namespace
}  // namespace ranvier
