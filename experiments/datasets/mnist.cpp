/// MNIST and Fashion-MNIST: 28 x 28 grey levels, 60000 training and 10000 test images, 10 classes.
/// Sources: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, Proc. IEEE 86:2278 (1998);
/// H. Xiao, K. Rasul, R. Vollgraf, arXiv:1708.07747 (2017).

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/error.hpp"
#include "experiments/datasets/dataset.hpp"
#include "experiments/datasets/files/locate.hpp"
#include "experiments/datasets/idx.hpp"

namespace ranvier {
namespace {

/// SHA-256 of the unpacked files, in the order of `files`.
struct Checksums {
  std::string train_images;
  std::string train_labels;
  std::string test_images;
  std::string test_labels;
};

std::vector<DataFile> files(const Checksums& sha256) {
  return {{"train-images-idx3-ubyte.gz", sha256.train_images, {60000, 28, 28}},
          {"train-labels-idx1-ubyte.gz", sha256.train_labels, {60000}},
          {"t10k-images-idx3-ubyte.gz", sha256.test_images, {10000, 28, 28}},
          {"t10k-labels-idx1-ubyte.gz", sha256.test_labels, {10000}}};
}

LabelledData read_part(const DataSetDescription& set, const std::filesystem::path& images,
                       const std::filesystem::path& labels) {
  auto part = read_idx_images(images, labels, set.name, set.classes);
  if (sizes_of(part.shape()) != set.shape) {
    throw CorruptFile(fmt::format("{}: images are {}; data set '{}' expects {}", images.string(),
                                  describe(part.shape()), set.name, fmt::join(set.shape, " x ")));
  }
  return part;
}

DataSplit load(const DataSetDescription& set, const DataOptions& options) {
  const auto paths = located_files(set, options.folder);
  return {read_part(set, paths[0], paths[1]), read_part(set, paths[2], paths[3])};
}

DataSetDescription mnist() {
  return {
      .name = "mnist",
      .summary = "handwritten digits, 28 x 28 grey levels, 10 classes",
      .licence = "CC BY-SA 3.0; Y. LeCun, C. Cortes, C. J. C. Burges",
      .classes = 10,
      .shape = {28, 28},
      .train_samples = 60000,
      .test_samples = 10000,
      .folder = "mnist",
      .base_url = "https://ossci-datasets.s3.amazonaws.com/mnist",
      .files = files(
          {.train_images = "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
           .train_labels = "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
           .test_images = "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
           .test_labels = "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"}),
      .load = &load,
  };
}

DataSetDescription fashion_mnist() {
  return {
      .name = "fashion_mnist",
      .summary = "articles of clothing, 28 x 28 grey levels, 10 classes",
      .licence = "MIT; Zalando SE (H. Xiao, K. Rasul, R. Vollgraf)",
      .classes = 10,
      .shape = {28, 28},
      .train_samples = 60000,
      .test_samples = 10000,
      .folder = "fashion-mnist",
      .base_url = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
      .files = files(
          {.train_images = "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
           .train_labels = "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
           .test_images = "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
           .test_labels = "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"}),
      .system_folders = {"/usr/share/datasets/fashion-mnist"},
      .load = &load,
  };
}

[[maybe_unused]] const auto& registered_mnist = add_data_set(mnist());
[[maybe_unused]] const auto& registered_fashion_mnist = add_data_set(fashion_mnist());

}  // namespace
}  // namespace ranvier
