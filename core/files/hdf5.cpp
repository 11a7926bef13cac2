#include "core/files/hdf5.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <numeric>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/files/hdf5_library.hpp"
#include "core/files/write_file.hpp"

namespace ranvier::hdf5 {
namespace {

std::size_t product(const Shape& shape) {
  return std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>());
}

Handle creating_parents() {
  Handle list(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_create_intermediate_group(list.id(), 1);
  return list;
}

/// Chunks of about 256 KiB over the leading dimension, compressed; small arrays stay as they are.
Handle storage(const Shape& shape, std::size_t item_size) {
  constexpr std::size_t kib = 1024, small = 16 * kib, chunk_bytes = 256 * kib;
  Handle list(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(list.id(), false);
  const auto bytes = product(shape) * item_size;
  if (bytes <= small) return list;
  std::vector<hsize_t> chunk(shape.begin(), shape.end());
  const auto row = std::max<std::size_t>(1, bytes / shape[0]);
  chunk[0] = std::clamp<hsize_t>(chunk_bytes / row, 1, shape[0]);
  H5Pset_chunk(list.id(), static_cast<int>(chunk.size()), chunk.data());
  H5Pset_shuffle(list.id());
  constexpr unsigned fastest = 1;
  H5Pset_deflate(list.id(), fastest);
  return list;
}

Handle space_of(const Shape& shape) {
  const std::vector<hsize_t> extents(shape.begin(), shape.end());
  return {H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr), H5Sclose};
}

/// "/spikes/exc" exists only where "/spikes" does: the library wants every step asked for.
bool path_exists(hid_t group, std::string_view name) {
  if (name == ".") return true;
  std::string path;
  std::size_t begin = 0;
  while (begin < name.size()) {
    const auto end = std::min(name.find('/', begin), name.size());
    if (end > begin) {
      if (!path.empty()) path += '/';
      path += name.substr(begin, end - begin);
      if (H5Lexists(group, path.c_str(), H5P_DEFAULT) <= 0) return false;
    }
    begin = end + 1;
  }
  return H5Oexists_by_name(group, std::string(name).c_str(), H5P_DEFAULT) > 0;
}

Handle open_array(hid_t group, std::string_view name, const std::filesystem::path& file) {
  if (!path_exists(group, name)) {
    throw CorruptFile(fmt::format("{} holds no '{}'", file.string(), name));
  }
  Handle set(H5Dopen2(group, std::string(name).c_str(), H5P_DEFAULT), H5Dclose);
  if (set.id() < 0) refuse_input(file, fmt::format("'{}' is not an array", name));
  return set;
}

Shape extents_of(hid_t set) {
  const Handle space(H5Dget_space(set), H5Sclose);
  const int rank = H5Sget_simple_extent_ndims(space.id());
  std::vector<hsize_t> extents(static_cast<std::size_t>(std::max(rank, 0)));
  if (rank > 0) H5Sget_simple_extent_dims(space.id(), extents.data(), nullptr);
  return {extents.begin(), extents.end()};
}

/// Strings of either kind, variable or fixed in length.
std::vector<std::string> texts_in(hid_t set, std::size_t count, const std::filesystem::path& file,
                                  std::string_view name) {
  const Handle stored(H5Dget_type(set), H5Tclose);
  if (H5Tget_class(stored.id()) != H5T_STRING) {
    throw CorruptFile(fmt::format("{}: '{}' does not hold text", file.string(), name));
  }
  std::vector<std::string> texts;
  if (count == 0) return texts;
  if (H5Tis_variable_str(stored.id()) > 0) {
    const auto type = text_type();
    std::vector<char*> pointers(count, nullptr);
    if (H5Dread(set, type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers.data()) < 0) {
      refuse_input(file, fmt::format("'{}' cannot be read", name));
    }
    for (const char* text : pointers) texts.emplace_back(text == nullptr ? "" : text);
    const Handle space(H5Dget_space(set), H5Sclose);
    H5Dvlen_reclaim(type.id(), space.id(), H5P_DEFAULT, pointers.data());
    return texts;
  }
  const auto width = H5Tget_size(stored.id());
  std::vector<char> bytes(count * width);
  if (H5Dread(set, stored.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()) < 0) {
    refuse_input(file, fmt::format("'{}' cannot be read", name));
  }
  for (std::size_t k = 0; k < count; ++k) {
    const char* text = bytes.data() + k * width;
    texts.emplace_back(text, strnlen(text, width));
  }
  return texts;
}

ArrayType type_of(hid_t type) {
  switch (H5Tget_class(type)) {
    case H5T_FLOAT: return H5Tget_size(type) > sizeof(float) ? ArrayType::real : ArrayType::single;
    case H5T_INTEGER:
      return H5Tget_sign(type) == H5T_SGN_NONE ? ArrayType::natural : ArrayType::integer;
    case H5T_STRING: return ArrayType::text;
    default: return ArrayType::other;
  }
}

}  // namespace

Handle::~Handle() {
  if (id_ >= 0) close_(id_);
}

Group Group::create_group(std::string_view name) {
  const Quiet quiet;
  if (path_exists(id(), name)) return group(name);
  const auto parents = creating_parents();
  Handle made(H5Gcreate2(id(), std::string(name).c_str(), parents.id(), H5P_DEFAULT, H5P_DEFAULT),
              H5Gclose);
  if (made.id() < 0) refuse_output(file_, fmt::format("group '{}'", name));
  return {std::move(made), file_};
}

Group Group::group(std::string_view name) const {
  const Quiet quiet;
  if (!is_group(name)) {
    throw CorruptFile(fmt::format("{} holds no group '{}'", file_.string(), name));
  }
  Handle opened(H5Gopen2(id(), std::string(name).c_str(), H5P_DEFAULT), H5Gclose);
  if (opened.id() < 0) refuse_input(file_, fmt::format("group '{}' cannot be opened", name));
  return {std::move(opened), file_};
}

bool Group::has(std::string_view name) const {
  const Quiet quiet;
  return path_exists(id(), name);
}

bool Group::is_group(std::string_view name) const {
  const Quiet quiet;
  if (!path_exists(id(), name)) return false;
  const Handle object(H5Oopen(id(), std::string(name).c_str(), H5P_DEFAULT), H5Oclose);
  return object.id() >= 0 && H5Iget_type(object.id()) == H5I_GROUP;
}

std::vector<std::string> Group::members() const {
  const Quiet quiet;
  std::vector<std::string> names;
  const auto note = [](hid_t, const char* name, const H5L_info_t*, void* target) -> herr_t {
    static_cast<std::vector<std::string>*>(target)->emplace_back(name);
    return 0;
  };
  if (H5Literate(id(), H5_INDEX_NAME, H5_ITER_INC, nullptr, note, &names) < 0) {
    refuse_input(file_, "a group cannot be listed");
  }
  return names;
}

template <class T>
void Group::write(std::string_view name, std::span<const T> values, Shape shape) {
  const Quiet quiet;
  if (shape.empty()) shape = {values.size()};
  if (product(shape) != values.size()) {
    throw InvalidValue(fmt::format("'{}' for {} has {} values; its shape asks for {}", name,
                                   file_.string(), values.size(), product(shape)));
  }
  const auto space = space_of(shape);
  const auto parents = creating_parents();
  const auto layout = storage(shape, sizeof(T));
  const Handle set(H5Dcreate2(id(), std::string(name).c_str(), native_type<T>(), space.id(),
                              parents.id(), layout.id(), H5P_DEFAULT),
                   H5Dclose);
  if (set.id() < 0 || (!values.empty() && H5Dwrite(set.id(), native_type<T>(), H5S_ALL, H5S_ALL,
                                                   H5P_DEFAULT, values.data()) < 0)) {
    refuse_output(file_, fmt::format("array '{}'", name));
  }
}

void Group::write(std::string_view name, std::span<const std::string> texts) {
  const Quiet quiet;
  std::vector<const char*> pointers;
  for (const auto& text : texts) pointers.push_back(text.c_str());
  const auto type = text_type();
  const auto space = space_of({texts.size()});
  const auto parents = creating_parents();
  const Handle set(H5Dcreate2(id(), std::string(name).c_str(), type.id(), space.id(), parents.id(),
                              H5P_DEFAULT, H5P_DEFAULT),
                   H5Dclose);
  if (set.id() < 0 || (!texts.empty() && H5Dwrite(set.id(), type.id(), H5S_ALL, H5S_ALL,
                                                  H5P_DEFAULT, pointers.data()) < 0)) {
    refuse_output(file_, fmt::format("texts '{}'", name));
  }
}

void Group::write(std::string_view name, std::string_view text) {
  const Quiet quiet;
  const std::string terminated(text);
  const char* pointer = terminated.c_str();
  const auto type = text_type();
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  const auto parents = creating_parents();
  const Handle set(H5Dcreate2(id(), std::string(name).c_str(), type.id(), space.id(), parents.id(),
                              H5P_DEFAULT, H5P_DEFAULT),
                   H5Dclose);
  if (set.id() < 0 || H5Dwrite(set.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, &pointer) < 0) {
    refuse_output(file_, fmt::format("text '{}'", name));
  }
}

template <class T>
std::vector<T> Group::read(std::string_view name) const {
  const Quiet quiet;
  const auto set = open_array(id(), name, file_);
  const Handle stored(H5Dget_type(set.id()), H5Tclose);
  const auto kind = H5Tget_class(stored.id());
  if (kind != H5T_INTEGER && kind != H5T_FLOAT) {
    throw CorruptFile(fmt::format("{}: '{}' does not hold numbers", file_.string(), name));
  }
  std::vector<T> values(product(extents_of(set.id())));
  if (!values.empty() &&
      H5Dread(set.id(), native_type<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0) {
    refuse_input(file_, fmt::format("'{}' cannot be read", name));
  }
  return values;
}

std::vector<std::string> Group::read_texts(std::string_view name) const {
  const Quiet quiet;
  const auto set = open_array(id(), name, file_);
  return texts_in(set.id(), product(extents_of(set.id())), file_, name);
}

std::string Group::read_text(std::string_view name) const {
  const auto texts = read_texts(name);
  if (texts.size() != 1) {
    throw CorruptFile(
        fmt::format("{}: '{}' holds {} texts; expected one", file_.string(), name, texts.size()));
  }
  return texts[0];
}

Shape Group::shape(std::string_view name) const {
  const Quiet quiet;
  const auto set = open_array(id(), name, file_);
  return extents_of(set.id());
}

ArrayType Group::type(std::string_view name) const {
  const Quiet quiet;
  const auto set = open_array(id(), name, file_);
  const Handle stored(H5Dget_type(set.id()), H5Tclose);
  return type_of(stored.id());
}

OutputFile::OutputFile(std::filesystem::path file)
    : Group(
          [&] {
            const Quiet quiet;
            const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
            constexpr std::size_t growth = 1 << 20;
            H5Pset_fapl_core(access.id(), growth, false);
            Handle made(H5Fcreate(file.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.id()), H5Fclose);
            if (made.id() < 0) refuse_output(file, "it cannot be begun");
            return made;
          }(),
          file) {}

void OutputFile::commit() {
  const Quiet quiet;
  if (H5Fflush(id(), H5F_SCOPE_GLOBAL) < 0) refuse_output(file(), "it cannot be completed");
  const auto size = H5Fget_file_image(id(), nullptr, 0);
  if (size < 0) refuse_output(file(), "it cannot be completed");
  std::vector<std::byte> image(static_cast<std::size_t>(size));
  if (H5Fget_file_image(id(), image.data(), image.size()) < 0) {
    refuse_output(file(), "it cannot be completed");
  }
  write_file(file(), image);
}

InputFile::InputFile(const std::filesystem::path& file)
    : Group(
          [&] {
            const Quiet quiet;
            if (!std::filesystem::is_regular_file(file)) {
              throw FileNotFound(fmt::format("{} does not exist or is no file", file.string()));
            }
            Handle opened(H5Fopen(file.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
            if (opened.id() < 0) refuse_input(file, "it is truncated or not an HDF5 file");
            return opened;
          }(),
          file) {}

#define RANVIER_HDF5_ARRAY(T)                                                 \
  template void Group::write<T>(std::string_view, std::span<const T>, Shape); \
  template std::vector<T> Group::read<T>(std::string_view) const;
RANVIER_HDF5_ARRAY(double)
RANVIER_HDF5_ARRAY(float)
RANVIER_HDF5_ARRAY(std::int8_t)
RANVIER_HDF5_ARRAY(std::int32_t)
RANVIER_HDF5_ARRAY(std::int64_t)
RANVIER_HDF5_ARRAY(std::uint8_t)
RANVIER_HDF5_ARRAY(std::uint32_t)
RANVIER_HDF5_ARRAY(std::uint64_t)
#undef RANVIER_HDF5_ARRAY

}  // namespace ranvier::hdf5
