#pragma once

/// Labelled data sets for classification, found by name.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/parameter.hpp"
#include "core/registry.hpp"

namespace ranvier {

/// Samples with one class label each.
struct LabelledData {
  std::string name;
  std::vector<std::size_t> shape;  ///< of one sample: {28, 28} is rows x columns
  std::size_t classes = 0;
  std::vector<float> inputs;         ///< samples x features, row-major, scaled to [0, 1]
  std::vector<std::uint8_t> labels;  ///< one per sample, below `classes`

  std::size_t size() const noexcept { return labels.size(); }
  std::size_t features() const noexcept;  ///< values per sample, the product of `shape`
  std::span<const float> sample(std::size_t i) const;
};

struct DataSplit {
  LabelledData train;
  LabelledData test;
};

/// What an experiment may choose about its data.
struct DataOptions {
  std::string folder;
  std::int64_t train_samples = 0;
  std::int64_t test_samples = 0;
  std::uint64_t seed = 1;  ///< the experiment's; it decides every random choice among the samples

  static std::vector<Field<DataOptions>> fields() {
    return {
        text("folder", &DataOptions::folder,
             "folder that holds the files of the data set, or a folder of that set inside it; "
             "empty: search $RANVIER_DATA, the cache and the system's folders"),
        integer("train_samples", &DataOptions::train_samples, non_negative,
                "training samples to keep, class proportions preserved; 0: all"),
        integer("test_samples", &DataOptions::test_samples, non_negative,
                "test samples to keep, class proportions preserved; 0: all"),
    };
  }
};

/// One file of a data set.
struct DataFile {
  std::string name;                ///< as published, ending in .gz where packed
  std::string sha256;              ///< of the unpacked content: it ignores the gzip header
  std::vector<std::size_t> shape;  ///< of the array inside, samples first
};

struct DataSetDescription {
  std::string name;
  std::string summary;  ///< one line
  std::string licence;
  std::size_t classes = 0;
  std::vector<std::size_t> shape;  ///< of one sample
  std::size_t train_samples = 0;
  std::size_t test_samples = 0;
  std::string folder;           ///< the set's own folder below a data root or mirror
  std::string base_url;         ///< each file is published at base_url/<file name>
  std::vector<DataFile> files;  ///< none where the set is built into the library
  std::vector<std::filesystem::path> system_folders;  ///< where distributions install the files
  std::function<DataSplit(const DataSetDescription&, const DataOptions&)> load;

  bool built_in() const noexcept { return files.empty(); }
};

/// Every known data set, by name.
const Registry<DataSetDescription>& data_sets();

/// Adds a data set; to be called once per set from a translation unit or plugin. Throws
/// InvalidValue where the name is taken.
const DataSetDescription& add_data_set(DataSetDescription description);

/// Loads a data set with its standard division into training and test samples. Throws UnknownName
/// (no such set), FileNotFound, CorruptFile, or InvalidValue where more samples are asked for than
/// there are.
DataSplit load_data(std::string_view name, const DataOptions& options = {});

}  // namespace ranvier
