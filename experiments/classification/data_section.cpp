#include "experiments/classification/data_section.hpp"

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "experiments/config/read.hpp"

namespace ranvier {
namespace {

struct DataKeys {
  double calibration = 0.15;

  static std::vector<Field<DataKeys>> fields() {
    return {real("calibration", &DataKeys::calibration, "",
                 Bounds{.lower = 0.0, .upper = 1.0, .lower_open = true, .upper_open = true},
                 "share of the training samples held back to fit the agent")};
  }
};

/// Numbers of the normalisation, one or one for each channel.
struct NormalisationNumber {
  double mean = 0.0;
  double std = 1.0;

  static std::vector<Field<NormalisationNumber>> fields() {
    return {real("mean", &NormalisationNumber::mean, "", any_real,
                 "subtracted from the values, one for all channels or a list of one for each"),
            real("std", &NormalisationNumber::std, "", positive,
                 "what the values are then divided by, likewise")};
  }
};

/// Keys that hold something else than a parameter of the section.
const std::vector<std::string> maps{"set", "normalise", "augmentation", "cochlea"};

std::vector<std::string> with_maps(std::vector<std::string> keys) {
  keys.insert(keys.end(), maps.begin(), maps.end());
  return keys;
}

Normalisation read_normalisation(const ConfigNode& node) {
  Normalisation normalisation;
  if (!node.exists()) return normalisation;
  const auto numbers = parameters_of<NormalisationNumber>();
  node.allow_only(names_of(numbers));
  if (const auto mean = node["mean"]; mean.exists()) {
    normalisation.mean = read_numbers(mean, numbers[0]);
  }
  if (const auto std = node["std"]; std.exists()) {
    normalisation.deviation = read_numbers(std, numbers[1]);
  }
  return normalisation;
}

CochleaParameters read_cochlea(const ConfigNode& node, const std::string& set) {
  if (!node.exists()) return {};
  if (data_sets().contains(set) && !data_sets().at(set).recorded_sound) {
    node.report(
        fmt::format("{} is given, but data set '{}' is no recorded sound; expected it left "
                    "out",
                    node.path(), set));
  }
  return read_struct<CochleaParameters>(node);
}

}  // namespace

void read_data_section(const ConfigNode& node, ClassificationSetup& setup) {
  setup.data =
      read_struct<DataOptions>(node, {.others = with_maps(names_of(parameters_of<DataKeys>()))});
  setup.calibration =
      read_struct<DataKeys>(node, {.others = with_maps(names_of(parameters_of<DataOptions>()))})
          .calibration;
  const auto set = node.required("set", "the name of a data set");
  if (set.exists()) {
    if (const auto name = read_name(set, data_sets())) setup.data_set = *name;
  }
  setup.data.normalisation = read_normalisation(node["normalise"]);
  if (const auto augmentation = node["augmentation"]; augmentation.exists()) {
    setup.augmentation = read_struct<Augmentation>(augmentation);
  }
  setup.data.cochlea = read_cochlea(node["cochlea"], setup.data_set);
}

Schema data_section_schema() {
  auto keys = parameters_of<DataOptions>();
  for (const auto& parameter : parameters_of<DataKeys>()) keys.push_back(parameter);
  std::vector<std::pair<std::string, Schema>> numbers;
  for (const auto& number : parameters_of<NormalisationNumber>()) {
    const auto one = schema_of(number);
    numbers.emplace_back(number.name, schema_of_either({one, schema_of_list(one)}));
  }
  return schema_of_map(keys,
                       {{"set", schema_of_words(data_sets().names())},
                        {"normalise", schema_of_map({}, numbers)},
                        {"augmentation", schema_of_map(parameters_of<Augmentation>())},
                        {"cochlea", schema_of_map(parameters_of<CochleaParameters>())}},
                       {"set"});
}

}  // namespace ranvier
