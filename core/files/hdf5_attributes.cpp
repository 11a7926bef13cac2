#include <fmt/format.h>

#include "core/error.hpp"
#include "core/files/hdf5.hpp"
#include "core/files/hdf5_library.hpp"

namespace ranvier::hdf5 {
namespace {

Handle owner(hid_t group, std::string_view of) {
  return {H5Oopen(group, std::string(of).c_str(), H5P_DEFAULT), H5Oclose};
}

/// Creates the attribute anew and writes it.
bool put(hid_t group, std::string_view of, const std::string& name, hid_t type, hid_t space,
         const void* value) {
  const auto object = owner(group, of);
  if (H5Aexists(object.id(), name.c_str()) > 0) H5Adelete(object.id(), name.c_str());
  const Handle attribute(
      H5Acreate2(object.id(), name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  return attribute.id() >= 0 && H5Awrite(attribute.id(), type, value) >= 0;
}

Handle single_value() { return {H5Screate(H5S_SCALAR), H5Sclose}; }

Handle open_attribute(hid_t group, std::string_view of, std::string_view name,
                      const std::filesystem::path& file) {
  const auto object = owner(group, of);
  Handle attribute(H5Aopen(object.id(), std::string(name).c_str(), H5P_DEFAULT), H5Aclose);
  if (attribute.id() < 0) {
    throw CorruptFile(fmt::format("{} holds no attribute '{}' at '{}'", file.string(), name, of));
  }
  return attribute;
}

}  // namespace

void Group::set_attribute(std::string_view name, std::string_view text, std::string_view of) {
  const Quiet quiet;
  const std::string terminated(text);
  const char* pointer = terminated.c_str();
  if (!put(id(), of, std::string(name), text_type().id(), single_value().id(), &pointer)) {
    refuse_output(file_, fmt::format("attribute '{}'", name));
  }
}

void Group::set_attribute(std::string_view name, double value, std::string_view of) {
  const Quiet quiet;
  if (!put(id(), of, std::string(name), H5T_NATIVE_DOUBLE, single_value().id(), &value)) {
    refuse_output(file_, fmt::format("attribute '{}'", name));
  }
}

void Group::set_attribute(std::string_view name, std::int64_t value, std::string_view of) {
  const Quiet quiet;
  if (!put(id(), of, std::string(name), H5T_NATIVE_INT64, single_value().id(), &value)) {
    refuse_output(file_, fmt::format("attribute '{}'", name));
  }
}

void Group::set_attribute(std::string_view name, std::span<const std::uint32_t> values,
                          std::string_view of) {
  const Quiet quiet;
  const hsize_t count = values.size();
  const Handle space(H5Screate_simple(1, &count, nullptr), H5Sclose);
  if (!put(id(), of, std::string(name), H5T_NATIVE_UINT32, space.id(), values.data())) {
    refuse_output(file_, fmt::format("attribute '{}'", name));
  }
}

void Group::set_enumeration(std::string_view name, std::span<const std::string> labels,
                            std::uint8_t value, std::string_view of) {
  const Quiet quiet;
  const Handle type(H5Tenum_create(H5T_NATIVE_UINT8), H5Tclose);
  for (std::size_t k = 0; k < labels.size(); ++k) {
    const auto code = static_cast<std::uint8_t>(k);
    H5Tenum_insert(type.id(), labels[k].c_str(), &code);
  }
  if (!put(id(), of, std::string(name), type.id(), single_value().id(), &value)) {
    refuse_output(file_, fmt::format("attribute '{}'", name));
  }
}

bool Group::has_attribute(std::string_view name, std::string_view of) const {
  const Quiet quiet;
  const auto object = owner(id(), of);
  return H5Aexists(object.id(), std::string(name).c_str()) > 0;
}

std::string Group::text_attribute(std::string_view name, std::string_view of) const {
  const Quiet quiet;
  const auto attribute = open_attribute(id(), of, name, file_);
  const Handle stored(H5Aget_type(attribute.id()), H5Tclose);
  const auto kind = H5Tget_class(stored.id());
  if (kind == H5T_ENUM) {
    std::uint8_t value = 0;
    char label[256] = {};
    if (H5Aread(attribute.id(), stored.id(), &value) < 0 ||
        H5Tenum_nameof(stored.id(), &value, label, sizeof label) < 0) {
      refuse_input(file_, fmt::format("attribute '{}' cannot be read", name));
    }
    return label;
  }
  if (kind != H5T_STRING) {
    throw CorruptFile(fmt::format("{}: attribute '{}' is not text", file_.string(), name));
  }
  if (H5Tis_variable_str(stored.id()) > 0) {
    char* pointer = nullptr;
    if (H5Aread(attribute.id(), text_type().id(), &pointer) < 0) {
      refuse_input(file_, fmt::format("attribute '{}' cannot be read", name));
    }
    std::string text = pointer == nullptr ? "" : pointer;
    H5free_memory(pointer);
    return text;
  }
  std::string text(H5Tget_size(stored.id()), '\0');
  if (H5Aread(attribute.id(), stored.id(), text.data()) < 0) {
    refuse_input(file_, fmt::format("attribute '{}' cannot be read", name));
  }
  text.resize(text.find_last_not_of('\0') + 1);
  return text;
}

double Group::real_attribute(std::string_view name, std::string_view of) const {
  const Quiet quiet;
  const auto attribute = open_attribute(id(), of, name, file_);
  double value = 0.0;
  if (H5Aread(attribute.id(), H5T_NATIVE_DOUBLE, &value) < 0) {
    refuse_input(file_, fmt::format("attribute '{}' is not a number", name));
  }
  return value;
}

std::vector<std::uint32_t> Group::natural_attribute(std::string_view name,
                                                    std::string_view of) const {
  const Quiet quiet;
  const auto attribute = open_attribute(id(), of, name, file_);
  const Handle space(H5Aget_space(attribute.id()), H5Sclose);
  std::vector<std::uint32_t> values(
      static_cast<std::size_t>(H5Sget_simple_extent_npoints(space.id())));
  if (H5Aread(attribute.id(), H5T_NATIVE_UINT32, values.data()) < 0) {
    refuse_input(file_, fmt::format("attribute '{}' does not hold whole numbers", name));
  }
  return values;
}

}  // namespace ranvier::hdf5
