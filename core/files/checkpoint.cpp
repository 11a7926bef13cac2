#include "core/files/checkpoint.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/files/hdf5.hpp"

namespace ranvier {
namespace {

constexpr std::string_view family = "ranvier checkpoint ";
constexpr std::string_view format = "ranvier checkpoint 1";

template <class T>
Archive::Array array_of(const hdf5::Group& root, const std::string& path) {
  return root.read<T>(path);
}

/// The exact type of an array stands beside it: a file keeps no more than its kind.
using Reader = Archive::Array (*)(const hdf5::Group&, const std::string&);
const std::vector<std::pair<std::string, Reader>>& readers() {
  static const std::vector<std::pair<std::string, Reader>> table{
      {"real", array_of<double>},
      {"single", array_of<float>},
      {"integer", array_of<std::int64_t>},
      {"natural32", array_of<std::uint32_t>},
      {"natural64", array_of<std::uint64_t>},
      {"text", [](const hdf5::Group& root, const std::string& path) -> Archive::Array {
         return root.read_text(path);
       }}};
  return table;
}

Archive::Array read_array(const hdf5::Group& root, const std::string& path,
                          const std::filesystem::path& file) {
  const auto type = root.text_attribute("type", path);
  for (const auto& [name, reader] : readers()) {
    if (name == type) return reader(root, path);
  }
  throw CorruptFile(fmt::format("{}: '{}' is of the unknown type '{}'", file.string(), path, type));
}

void read_group(const hdf5::Group& root, const std::string& prefix,
                const std::filesystem::path& file, Archive& archive) {
  const auto folder = prefix.empty() ? "." : prefix;
  const auto names = root.group(folder).members();
  for (const auto& name : names) {
    const auto path = prefix.empty() ? name : fmt::format("{}/{}", prefix, name);
    if (root.is_group(path)) {
      read_group(root, path, file, archive);
    } else {
      auto read = read_array(root, path, file);
      std::visit([&](auto& array) { archive.put(path, std::move(array)); }, read);
    }
  }
}

}  // namespace

void write_checkpoint(const std::filesystem::path& file, const Archive& archive) {
  hdf5::OutputFile output(file);
  output.set_attribute("format", format);
  for (const auto& [name, array] : archive.arrays()) {
    std::visit([&output, &path = name](const auto& values) { output.write(path, values); }, array);
    output.set_attribute("type", readers()[array.index()].first, name);
  }
  output.commit();
}

Archive read_checkpoint(const std::filesystem::path& file) {
  const hdf5::InputFile input(file);
  const auto found = input.has_attribute("format") ? input.text_attribute("format") : "";
  if (!found.starts_with(family)) {
    throw CorruptFile(
        fmt::format("{} is not a checkpoint; expected one that Ranvier wrote", file.string()));
  }
  if (found != format) {
    throw CorruptFile(fmt::format("{} is a checkpoint of another version, '{}'; expected '{}'",
                                  file.string(), found, format));
  }
  Archive archive;
  read_group(input, "", file, archive);
  return archive;
}

}  // namespace ranvier
