#include "experiments/datasets/dataset.hpp"

#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"
#include "experiments/datasets/split.hpp"

namespace ranvier {
namespace {

Registry<DataSetDescription>& mutable_data_sets() {
  static Registry<DataSetDescription> registry("data set");
  return registry;
}

void keep(LabelledData& part, std::int64_t samples, std::string_view option, std::uint64_t seed) {
  if (samples == 0) return;
  if (samples < 0 || static_cast<std::uint64_t>(samples) > part.size()) {
    throw InvalidValue(fmt::format("{} of data set '{}' is {}; expected 0 (all) to {}", option,
                                   part.name(), samples, part.size()));
  }
  part = stratified_subset(part, static_cast<std::size_t>(samples), seed);
}

}  // namespace

const Registry<DataSetDescription>& data_sets() { return mutable_data_sets(); }

const DataSetDescription& add_data_set(DataSetDescription description) {
  auto name = description.name;
  return mutable_data_sets().add(std::move(name), std::move(description));
}

DataSplit load_data(std::string_view name, const DataOptions& options) {
  const auto& description = data_sets().at(name);
  auto data = description.load(description, options);
  keep(data.train, options.train_samples, "train_samples", options.seed);
  keep(data.test, options.test_samples, "test_samples", options.seed);
  data.train.normalise(options.normalisation);
  data.test.normalise(options.normalisation);
  return data;
}

}  // namespace ranvier
