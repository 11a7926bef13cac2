#include "core/archive.hpp"

#include <string>
#include <variant>

#include "bindings/arrays.hpp"
#include "bindings/modules.hpp"
#include "core/error.hpp"
#include "core/files/checkpoint.hpp"

namespace ranvier::bindings {
namespace {

namespace py = pybind11;

template <class T>
bool put_array(Archive& archive, const std::string& name, py::handle value) {
  if (!py::isinstance<py::array_t<T>>(value)) return false;
  archive.put(name, copied(py::cast<ArrayIn<T>>(value)));
  return true;
}

/// A dict of texts and one-dimensional arrays.
void write(const std::string& path, const py::dict& entries) {
  Archive archive;
  for (const auto& [key, value] : entries) {
    const auto name = py::cast<std::string>(key);
    if (py::isinstance<py::str>(value)) {
      archive.put(name, py::cast<std::string>(value));
      continue;
    }
    const bool stored = put_array<double>(archive, name, value) ||
                        put_array<float>(archive, name, value) ||
                        put_array<std::int64_t>(archive, name, value);
    if (!stored) throw InvalidValue("'" + name + "' is neither a text nor an array of numbers");
  }
  write_checkpoint(path, archive);
}

py::dict read(const std::string& path) {
  const auto archive = read_checkpoint(path);
  py::dict entries;
  for (const auto& [name, array] : archive.arrays()) {
    entries[py::str(name)] = std::visit(
        [](const auto& held) -> py::object {
          if constexpr (std::is_same_v<std::decay_t<decltype(held)>, std::string>) {
            return py::str(held);
          } else {
            auto copy = held;
            return moved(std::move(copy));
          }
        },
        array);
  }
  return entries;
}

}  // namespace

void bind_archive(py::module_& module) {
  module.def("write_archive", &write);
  module.def("read_archive", &read);
}

}  // namespace ranvier::bindings
