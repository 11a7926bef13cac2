#include "networks/weights_file.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/files/hdf5.hpp"
#include "core/suggest.hpp"

namespace ranvier {
namespace {

constexpr std::string_view folder = "weights";

/// "<layer>.<tensor>" of all tensors in the file, however it groups them.
std::vector<std::string> names_in(const hdf5::InputFile& file) {
  std::vector<std::string> names;
  if (!file.is_group(folder)) return names;
  const auto weights = file.group(folder);
  for (const auto& member : weights.members()) {
    if (!weights.is_group(member)) {
      names.push_back(member);
      continue;
    }
    for (const auto& tensor : weights.group(member).members()) {
      names.push_back(fmt::format("{}.{}", member, tensor));
    }
  }
  return names;
}

/// Where the file has the tensor "<layer>.<tensor>".
std::string path_of(const hdf5::InputFile& file, const std::string& name,
                    const std::filesystem::path& path) {
  auto flat = fmt::format("{}/{}", folder, name);
  if (file.has(flat)) return flat;
  auto grouped = flat;
  grouped[grouped.rfind('.')] = '/';
  if (file.has(grouped)) return grouped;
  throw InvalidValue(fmt::format("{} holds no weights '{}'{}", path.string(), name,
                                 suggestion(name, names_in(file))));
}

}  // namespace

void read_weights(const std::filesystem::path& file, Sequential<float>& network) {
  const hdf5::InputFile input(file);
  for (const auto* tensors : {&network.tensors(), &network.statistic_tensors()}) {
    for (const auto& tensor : *tensors) {
      const auto values = input.read<float>(path_of(input, tensor.name, file));
      const auto into = network.tensor(tensor.name);
      if (values.size() != into.size()) {
        throw InvalidValue(
            fmt::format("'{}' in {} has {} values; expected {}, as the layers are described",
                        tensor.name, file.string(), values.size(), into.size()));
      }
      std::ranges::copy(values, into.begin());
    }
  }
}

}  // namespace ranvier
