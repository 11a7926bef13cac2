#pragma once

/// Labelled data sets for classification, found by name.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/parameter.hpp"
#include "core/registry.hpp"
#include "experiments/datasets/labelled_data.hpp"
#include "networks/cochlea.hpp"

namespace ranvier {

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
  unsigned threads = 1;    ///< for sets that are computed from recordings
  Normalisation normalisation;  ///< of all parts
  CochleaParameters cochlea;    ///< for sets of recorded sound

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
  std::string folder;      ///< the set's own folder below a data root or mirror
  std::string base_url{};  ///< each file is published at base_url/<file name>; empty: nowhere
  std::vector<DataFile> files{};  ///< those whose content is known, to be fetched and verified
  /// What a folder must hold, files or folders, for the set to be usable: one of these. None: all
  /// `files`; and where there are no files either, the set is built into the library.
  std::vector<std::vector<std::string>> layouts{};
  std::string how_to_get{};     ///< one sentence for a set that cannot be fetched
  bool recorded_sound = false;  ///< made into spikes by DataOptions::cochlea
  std::vector<std::filesystem::path> system_folders{};  ///< where distributions install the files
  std::function<DataSplit(const DataSetDescription&, const DataOptions&)> load;

  bool built_in() const noexcept { return files.empty() && layouts.empty(); }
  bool fetchable() const noexcept { return !base_url.empty(); }
};

/// Every known data set, by name.
const Registry<DataSetDescription>& data_sets();

/// Adds a data set; to be called once per set from a translation unit or plugin. Throws
/// InvalidValue where the name is taken.
const DataSetDescription& add_data_set(DataSetDescription description);

/// Loads a data set with its standard division into training and test samples. Throws UnknownName
/// (no such set), FileNotFound, CorruptFile, or InvalidValue where more samples are asked for than
/// there are, or where they cannot be normalised as asked.
DataSplit load_data(std::string_view name, const DataOptions& options = {});

}  // namespace ranvier
