#include "networks/weights_file.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/files/checkpoint.hpp"
#include "core/suggest.hpp"

namespace ranvier {
namespace {

constexpr std::string_view prefix = "weights/";

std::vector<std::string> names_in(const Archive& archive) {
  std::vector<std::string> names;
  for (const auto& [name, array] : archive.arrays()) {
    if (name.starts_with(prefix)) names.push_back(name.substr(prefix.size()));
  }
  return names;
}

void read(const std::filesystem::path& file, const Archive& archive, const std::string& name,
          std::span<float> into) {
  const auto found = archive.arrays().find(std::string(prefix) + name);
  const auto* values =
      found == archive.arrays().end() ? nullptr : std::get_if<std::vector<float>>(&found->second);
  if (values == nullptr) {
    throw InvalidValue(fmt::format("{} holds no weights '{}'{}", file.string(), name,
                                   suggestion(name, names_in(archive))));
  }
  if (values->size() != into.size()) {
    throw InvalidValue(
        fmt::format("'{}' in {} has {} values; expected {}, as the layers are "
                    "described",
                    name, file.string(), values->size(), into.size()));
  }
  std::ranges::copy(*values, into.begin());
}

}  // namespace

void read_weights(const std::filesystem::path& file, Sequential<float>& network) {
  const auto archive = read_checkpoint(file);
  for (const auto& tensor : network.tensors()) {
    read(file, archive, tensor.name, network.tensor(tensor.name));
  }
  for (const auto& tensor : network.statistic_tensors()) {
    read(file, archive, tensor.name, network.tensor(tensor.name));
  }
}

}  // namespace ranvier
