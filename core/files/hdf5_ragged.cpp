#include "core/files/hdf5_ragged.hpp"

#include <algorithm>
#include <mutex>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/files/hdf5_library.hpp"

namespace ranvier::hdf5 {
namespace {

std::mutex& one_at_a_time() {
  static std::mutex mutex;
  return mutex;
}

Handle opened(const std::filesystem::path& file) {
  const InputFile checked(file);  // its message for a file that is missing, truncated or not HDF5
  Handle handle(H5Fopen(file.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
  if (handle.id() < 0) refuse_input(file, "cannot be opened");
  return handle;
}

bool holds_lists_of_numbers(hid_t set) {
  const Handle type(H5Dget_type(set), H5Tclose);
  if (H5Tget_class(type.id()) != H5T_VLEN) return false;
  const Handle item(H5Tget_super(type.id()), H5Tclose);
  const auto kind = H5Tget_class(item.id());
  return kind == H5T_FLOAT || kind == H5T_INTEGER;
}

}  // namespace

RaggedArray::RaggedArray(const std::filesystem::path& file, std::string_view name)
    : path_(file), name_(name) {
  const std::scoped_lock lock(one_at_a_time());
  const Quiet quiet;
  file_ = opened(file);
  set_ = Handle(H5Dopen2(file_.id(), name_.c_str(), H5P_DEFAULT), H5Dclose);
  if (set_.id() < 0) {
    throw CorruptFile(fmt::format("{} holds no '{}'", path_.string(), name_));
  }
  const Handle space(H5Dget_space(set_.id()), H5Sclose);
  hsize_t extent = 0;
  if (H5Sget_simple_extent_ndims(space.id()) != 1 || !holds_lists_of_numbers(set_.id())) {
    throw CorruptFile(
        fmt::format("{}: '{}' is of another kind; expected a list of numbers for each "
                    "sample",
                    path_.string(), name_));
  }
  H5Sget_simple_extent_dims(space.id(), &extent, nullptr);
  size_ = extent;
}

template <class T>
void RaggedArray::read(std::size_t i, std::vector<T>& to) const {
  const std::scoped_lock lock(one_at_a_time());
  const Quiet quiet;
  const Handle type(H5Tvlen_create(native_type<T>()), H5Tclose);
  const Handle space(H5Dget_space(set_.id()), H5Sclose);
  const hsize_t start = i;
  const hsize_t count = 1;
  H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, &start, nullptr, &count, nullptr);
  const Handle one(H5Screate_simple(1, &count, nullptr), H5Sclose);
  hvl_t list{};
  if (H5Dread(set_.id(), type.id(), one.id(), space.id(), H5P_DEFAULT, &list) < 0) {
    refuse_input(path_, fmt::format("item {} of '{}' cannot be read", i, name_));
  }
  const auto* const items = static_cast<const T*>(list.p);
  to.assign(items, items + list.len);
  H5Dvlen_reclaim(type.id(), one.id(), H5P_DEFAULT, &list);
}

template void RaggedArray::read<float>(std::size_t, std::vector<float>&) const;
template void RaggedArray::read<double>(std::size_t, std::vector<double>&) const;
template void RaggedArray::read<std::uint32_t>(std::size_t, std::vector<std::uint32_t>&) const;

}  // namespace ranvier::hdf5
